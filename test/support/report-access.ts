import { request, type RequestOptions } from 'node:http'
import { text } from 'node:stream/consumers'

export type Answered = { status: number; headers: Record<string, string | string[] | undefined>; text: string }

/** As `fetch`, with what that keeps for itself: the address asked from, `Host`, `Origin`, and the same header twice. */
export async function ask(
  url: string,
  {
    headers = {},
    body,
    ...options
  }: Pick<RequestOptions, 'method' | 'localAddress'> & {
    headers?: Record<string, string | string[]>
    body?: string
  } = {},
): Promise<Answered> {
  return await new Promise((resolve, reject) => {
    const asked = request(url, { ...options, headers, agent: false }, (answer) => {
      text(answer).then((read) => resolve({ status: answer.statusCode!, headers: answer.headers, text: read }), reject)
    })
    asked.once('error', reject)
    asked.end(body)
  })
}

export const codeOf = ({ text }: Answered): string => (JSON.parse(text) as { error: { code: string } }).error.code
