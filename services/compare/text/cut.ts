/** The first `maxChars` UTF-16 units, never ending in half a character; lone surrogates become U+FFFD. */
export function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text.toWellFormed()
  const isSplit = /[\uD800-\uDBFF]/.test(text[maxChars - 2] ?? '') && /[\uDC00-\uDFFF]/.test(text[maxChars - 1] ?? '')
  return `${text.slice(0, isSplit ? maxChars - 2 : maxChars - 1).toWellFormed()}…`
}
