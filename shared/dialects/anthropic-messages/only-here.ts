import { type OnlyHere } from '../only-here.ts'

/** Parameters of messages without counterpart elsewhere. */
export const onlyInMessages = new Map<string, OnlyHere>([
  ['metadata', { severity: 'minor', why: 'says whom a call belongs to, which is better left out of a replay' }],
  ['service_tier', { severity: 'minor', neutral: 'auto', why: 'tiers are sold apart; changes cost and latency' }],
  ['speed', { severity: 'minor', neutral: 'standard', why: 'changes cost and latency, not the answer' }],
  ['inference_geo', { severity: 'minor', why: 'where the answer is computed cannot be asked for' }],
  ['cache_control', { severity: 'minor', why: 'prompt caching; changes cost and latency, not the answer' }],
  ['prefix_mismatch_behavior', { severity: 'minor', why: 'is about thinking blocks, which are never sent on' }],
  ['diagnostics', { severity: 'minor', why: 'tells about the prompt cache only' }],
])
