/** Why a line was not used, for people. */
export const unusableReasons = {
  not_json: 'not a JSON object',
  no_request: 'no "request" that is a JSON object',
  no_response: 'no "response" that is a JSON object',
  unknown_shape: 'an answer that is neither OpenAI-shaped (choices) nor Anthropic-shaped (type: message)',
  bad_time: 'a timestamp that is neither ISO text nor seconds or milliseconds since 1970',
  other_call: 'a LiteLLM call that is no chat completion',
  other_provider: 'a LiteLLM call of a provider whose parameters it does not log as they were sent',
  from_cache: 'answered from the cache of LiteLLM, not by the model',
  withheld: 'logged by LiteLLM without its content: turn message logging on',
  malformed: 'a value out of its range, or nested too deeply',
  too_large: 'larger than the log takes: lower tap.capture.maxBodyBytes',
} as const

export class UnusableLine extends Error {
  readonly reason: keyof typeof unusableReasons

  constructor(reason: UnusableLine['reason']) {
    super(reason)
    this.reason = reason
  }
}
