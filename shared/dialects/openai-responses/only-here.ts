import { type OnlyHere } from '../only-here.ts'
import { onlyInChat } from '../openai-chat/only-here.ts'

const shared = [
  'user',
  'safety_identifier',
  'metadata',
  'store',
  'service_tier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'top_logprobs',
]

/** Parameters of Responses without counterpart elsewhere. */
export const onlyInResponses = new Map<string, OnlyHere>([
  ...[...onlyInChat].filter(([name]) => shared.includes(name)),
  ['include', { severity: 'minor', why: 'more is told about the answer; its text is the same' }],
  ['reasoning.summary', { severity: 'minor', why: 'reasoning is not summed up; the answer is the same' }],
  ['reasoning.generate_summary', { severity: 'minor', why: 'reasoning is not summed up; the answer is the same' }],
  ['truncation', { severity: 'material', neutral: 'disabled', why: 'a long conversation is not shortened' }],
  ['max_tool_calls', { severity: 'minor', why: 'counts tools of the provider, of which there are none' }],
])
