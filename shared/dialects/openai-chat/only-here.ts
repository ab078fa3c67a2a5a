import { type OnlyHere } from '../only-here.ts'

const attribution = 'says whom a call belongs to, which is better left out of a replay'
const caching = 'prompt caching; changes cost and latency, not the answer'

/** Parameters of chat completions without counterpart elsewhere. */
export const onlyInChat = new Map<string, OnlyHere>([
  ['user', { severity: 'minor', why: attribution }],
  ['safety_identifier', { severity: 'minor', why: attribution }],
  ['metadata', { severity: 'minor', why: attribution }],
  ['store', { severity: 'minor', neutral: false, why: 'a replay is not stored' }],
  ['service_tier', { severity: 'minor', neutral: 'auto', why: 'tiers are sold apart; changes cost and latency' }],
  ['prompt_cache_key', { severity: 'minor', why: caching }],
  ['prompt_cache_retention', { severity: 'minor', why: caching }],
  ['prompt_cache_options', { severity: 'minor', why: caching }],
  ['prediction', { severity: 'minor', why: 'changes latency only' }],
  ['seed', { severity: 'minor', why: 'repeatability is promised at best for the model it was set for' }],
  ['logprobs', { severity: 'minor', neutral: false, why: 'probabilities are not told; the text is the same' }],
  ['top_logprobs', { severity: 'minor', why: 'probabilities are not told; the text is the same' }],
  ['presence_penalty', { severity: 'material', neutral: 0, why: 'no penalty on repeated topics' }],
  ['frequency_penalty', { severity: 'material', neutral: 0, why: 'no penalty on repeated words' }],
  ['logit_bias', { severity: 'material', why: 'words cannot be favoured or forbidden' }],
])
