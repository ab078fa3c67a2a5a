/**
 * Masks the string values of a JSON text and leaves every other byte as it is: keys, numbers of any size, spacing,
 * repeated keys, any depth. The text must be valid JSON.
 */
export function redactJson(json: string, redact: (text: string) => string): string {
  let masked = ''
  let copied = 0
  for (let start = json.indexOf('"'); start !== -1;) {
    const end = endOfString(json, start)
    if (!isKey(json, end)) {
      const value = decode(json.slice(start, end))
      const redacted = redact(value)
      if (redacted !== value) {
        masked += json.slice(copied, start) + JSON.stringify(redacted)
        copied = end
      }
    }
    start = json.indexOf('"', end)
  }
  return copied === 0 ? json : masked + json.slice(copied)
}

/** Index after the closing quote: the first one with an even number of backslashes before it. */
function endOfString(json: string, start: number): number {
  let quote = json.indexOf('"', start + 1)
  while (isEscaped(json, quote)) quote = json.indexOf('"', quote + 1)
  return quote + 1
}

function isEscaped(json: string, quote: number): boolean {
  let backslashes = 0
  while (json[quote - 1 - backslashes] === '\\') backslashes += 1
  return backslashes % 2 === 1
}

function isKey(json: string, end: number): boolean {
  let next = end
  while (' \t\r\n'.includes(json[next] ?? 'x')) next += 1
  return json[next] === ':'
}

function decode(literal: string): string {
  return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1)
}
