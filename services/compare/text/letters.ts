const lastAscii = 0x7f

/** Letters of a text: the 52 of ASCII, and all others. One pass over what most texts are made of. */
export function lettersOf(text: string): { ascii: number; others: number } {
  let ascii = 0
  let isMixed = false
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit > lastAscii) isMixed = true
    // With bit 5 set, upper case is lower case.
    else if ((unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a) ascii++
  }
  return { ascii, others: isMixed ? otherLetters(text) : 0 }
}

function otherLetters(text: string): number {
  // oxlint-disable-next-line no-control-regex -- ASCII as a whole, controls too
  return text.replaceAll(/[\u0000-\u007f]+/g, ' ').match(/\p{L}/gu)?.length ?? 0
}
