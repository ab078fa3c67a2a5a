/** Words for a part of a whole → percent. */
const shares: Record<string, string> = {
  'die hälfte': '50',
  'ein viertel': '25',
  'ein drittel': '33',
  'la moitié': '50',
  'un quart': '25',
  'un tiers': '33',
  'la mitad': '50',
  'un cuarto': '25',
  'un tercio': '33',
  'la metà': '50',
  'un quarto': '25',
  'un terzo': '33',
  'de helft': '50',
  'een kwart': '25',
}
const wordsAt = (place: number): string =>
  [...new Set(Object.keys(shares).map((text) => text.split(' ')[place]))].join('|')

export const sharePattern = Object.keys(shares).join('|')
/** The first and the second of their two words. */
export const shareArticlePattern = wordsAt(0)
export const shareNounPattern = wordsAt(1)
export const shareOf = (text: string): string => shares[text.toLowerCase()]!
