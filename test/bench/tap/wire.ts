/** What goes over the wire: the bytes of requests and answers. */

type Frame = { delta: object; finish?: string; fingerprint?: string }

const model = 'gpt-4o-2024-08-06'

export const streamHead =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n'

export function answerOf(content: string): Buffer {
  const body = JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_760_000_000,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 200, completion_tokens: 150, total_tokens: 350 },
  })
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** About 1 KB. */
export const fullAnswer = answerOf('Your parcel is on its way. '.repeat(28))
export const fullAnswerBody = fullAnswer.subarray(fullAnswer.indexOf('\r\n\r\n') + 4)

/** One server-sent event. */
export function frameOf({ delta, finish, fingerprint }: Frame): string {
  const choices = [{ index: 0, delta, finish_reason: finish ?? null }]
  const json = JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model,
    system_fingerprint: fingerprint ?? null,
    choices,
  })
  return `data: ${json}\n\n`
}

/** A word that tells when it was sent, by the clock that all processes of a machine share. */
export function stampedWord(): string {
  return `@${Math.round(nowUs())} `
}

export function stampsIn(text: string): { sentUs: number; end: number }[] {
  return [...text.matchAll(/"@(\d+) [^\n]*\n\n/g)].map((match) => ({
    sentUs: Number(match[1]),
    end: match.index + match[0].length,
  }))
}

/** Monotonic. */
export function nowUs(): number {
  return Number(process.hrtime.bigint()) / 1_000
}

export type RequestOptions = {
  /** Of the URL: what stands before /v1. */
  prefix?: string
  headers?: Record<string, string>
  /** Members of the body, besides the model and the messages. */
  body?: object
  sizeBytes?: number
}

export function requestOf({ prefix = '', headers = {}, body = {}, sizeBytes = 1_024 }: RequestOptions): Buffer {
  const question = 'Where is my parcel? '
  const json = JSON.stringify({
    model: 'gpt-4o',
    messages: [
      { role: 'system', content: 'You answer customers of a shop. Be brief, be kind, promise nothing.' },
      { role: 'user', content: question.repeat(Math.max(1, Math.round((sizeBytes - 200) / question.length))) },
    ],
    ...body,
  })
  const lines = Object.entries({
    host: 'bench.example',
    'content-type': 'application/json',
    authorization: 'Bearer sk-bench',
    ...headers,
    'content-length': Buffer.byteLength(json),
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${prefix}/v1/chat/completions HTTP/1.1\r\n${lines.join('')}\r\n${json}`)
}
