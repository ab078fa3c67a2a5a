type Body = Record<string, unknown>

const reasons = /^(o[134]|gpt-[56])(?!.*chat)/
const reasonsOnDemand = /^gpt-5\.[1-4]/
const mostTokens: [RegExp, number][] = [
  [/^gpt-4o/, 16_384],
  [/^gpt-4\.1/, 32_768],
  [/^gpt-5/, 128_000],
]

/** What a model of OpenAI refuses at either endpoint; `names` says what the endpoint calls things. */
export function refusedByModel(
  body: Body,
  {
    limit,
    effort,
    verbosity,
  }: { limit: string; effort?: string | null | undefined; verbosity?: string | null | undefined },
): string | null {
  const model = String(body['model'])
  const isReasoning = reasons.test(model) && !(reasonsOnDemand.test(model) && (effort ?? 'none') === 'none')
  if (reasons.test(model)) {
    const never = ['max_tokens', 'stop', 'logit_bias', 'prediction'].find((name) => body[name] != null)
    if (never !== undefined) return `Unsupported parameter: '${never}' is not supported with this model`
    const penalty = ['presence_penalty', 'frequency_penalty'].find((name) => body[name] != null)
    if (penalty !== undefined) return `Unsupported parameter: '${penalty}' is not supported with this model`
  }
  if (isReasoning) {
    const sampling = ['temperature', 'top_p'].find((name) => body[name] != null && body[name] !== 1)
    if (sampling !== undefined) return `Unsupported value: '${sampling}' does not support ${String(body[sampling])}`
    if (body['logprobs'] === true || body['top_logprobs'] != null) return "Unsupported parameter: 'logprobs'"
  }
  if (!reasons.test(model) && effort != null) return `Unrecognized request argument supplied: reasoning effort`
  if (!/^gpt-[56]/.test(model) && verbosity != null && verbosity !== 'medium') {
    return `Unsupported value: 'verbosity' does not support '${verbosity}' with this model`
  }
  if (/^o\d/.test(model) && body['parallel_tool_calls'] != null) return "Unsupported parameter: 'parallel_tool_calls'"
  const most = mostTokens.find(([pattern]) => pattern.test(model))?.[1] ?? Infinity
  return Number(body[limit] ?? 0) > most ? `${limit} is too large: at most ${most}` : null
}
