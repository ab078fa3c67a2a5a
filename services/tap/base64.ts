import { utf8Of } from './body.ts'

/**
 * Masks what stands around base64, and never a piece of it: what looks like a card number there is chance, and masking it
 * would break an image. The payload of a data URL whose type is a text is masked as that text. Takes linear time.
 */
export function maskAroundBase64(text: string, mask: (text: string) => string): string {
  if (isLongBase64(text)) return text
  if (!text.includes(';base64,')) return mask(text)
  let masked = ''
  let copied = 0
  for (const head of text.matchAll(dataUrlHead)) {
    const start = head.index + head[0].length
    const end = endOfBase64(text, start)
    // A key that stands directly behind the comma goes on with what base64 has not.
    if (/[\w-]/.test(text[end] ?? '')) continue
    masked += mask(text.slice(copied, head.index)) + head[0] + maskPayload(text.slice(start, end), head[1], mask)
    copied = end
  }
  return masked + mask(text.slice(copied))
}

const dataUrlHead = /data:([\w.+-]{1,100}\/[\w.+-]{1,100})?(?:;[\w.+-]{1,100}=[\w.+-]{0,100}){0,9};base64,/gi

/** Images and files in the wire formats that send no data URL are whole strings. */
function isLongBase64(text: string): boolean {
  return text.length >= shortestBase64 && endOfBase64(text, 0) === text.length
}

// No key or number that is looked for is as long.
const shortestBase64 = 512

function endOfBase64(text: string, start: number): number {
  const other = /[^A-Za-z0-9+/]/g
  other.lastIndex = start
  let end = other.exec(text)?.index ?? text.length
  for (let padding = 0; padding < 2 && text[end] === '='; padding += 1) end += 1
  return end
}

/** Without a type it is a text (RFC 2397). */
function maskPayload(payload: string, mediaType: string | undefined, mask: (text: string) => string): string {
  if (mediaType !== undefined && !/^text\/|[/+](?:json|xml|yaml|csv)$/i.test(mediaType)) return payload
  const text = utf8Of(Buffer.from(payload, 'base64'))
  const masked = text === null ? null : mask(text)
  return masked === null || masked === text ? payload : Buffer.from(masked).toString('base64')
}
