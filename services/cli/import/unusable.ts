/** Why an entry was not used, for people. */
export const unusableReasons = {
  not_json: 'not a JSON object',
  unreadable: 'neither JSON nor CSV from here on: nothing after it was read',
  unknown_entry: 'neither {"request", "response"} nor an entry of an export that is known: name one with --format',
  no_request: 'no request body',
  no_input: 'a request without its input (messages, prompt or input)',
  no_response: 'no answer, or one that was still being written',
  no_model: 'a request whose model is not told',
  no_status: 'an error whose HTTP status is not told',
  unknown_shape: 'an answer that is none of chat completions, Responses, completions, embeddings, Anthropic messages',
  bad_time: 'a timestamp that is neither ISO text nor seconds or milliseconds since 1970',
  no_time: 'no timestamp, and standard input has no date: import it as a file',
  not_a_generation: 'a Langfuse observation that is no call of a model (span, event, tool …)',
  bare_text: 'input that is bare text: which messages, tools and system prompt were sent cannot be told',
  foreign_messages: 'messages in the form of a framework: how they were sent to the model cannot be told',
  bodies_apart: 'no bodies in this export: Helicone keeps them apart, export JSONL with --include-body',
  messages_apart:
    'an answer without its input: OpenAI lists that apart, put it into "messages" (Responses: "input"), oldest first',
  media_apart: 'media that Langfuse keeps apart are not in the export',
  not_replayable: 'continues an earlier response (previous_response_id, conversation): not replayable alone',
  limit_unknown: 'cut off at a token limit that is not told: asked again, the answer would be another one',
  translated: 'a gateway translated it: request and answer are of different APIs',
  other_call: 'a LiteLLM call that is no chat completion',
  other_provider: 'a LiteLLM call of a provider whose parameters it does not log as they were sent',
  from_cache: 'answered from a cache, not by the model',
  truncated: 'cut short by the exporter',
  withheld: 'logged or exported without its content: turn the redaction off at the source',
  no_upstream: 'tap.upstreams has no upstream of the dialect of this answer: add one',
  malformed: 'a value out of its range, or nested too deeply',
  too_large: 'larger than the log takes: lower tap.capture.maxBodyBytes',
} as const

export type UnusableReason = keyof typeof unusableReasons

export class UnusableEntry extends Error {
  readonly reason: UnusableReason

  constructor(reason: UnusableReason) {
    super(reason)
    this.reason = reason
  }
}
