/** Everything that a text may stand as: as it is, within JSON, and within JSON that is all ASCII. */
export function needlesOf(text: string): string[] {
  const inJson = JSON.stringify(text).slice(1, -1)
  const inAscii = inJson.replaceAll(/[\u0080-\uffff]/g, escaped)
  return [...new Set([text, inJson, inAscii])]
}

const escaped = (unit: string): string => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
