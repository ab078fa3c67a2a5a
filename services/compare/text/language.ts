import { remembered } from './remembered.ts'

/** Frequent words of each language that are rare in the others. */
const frequent = {
  English: 'the and you your are is to of for with this that will have can it be from',
  German: 'der die das und ist nicht ein eine einen ich sie ihre wir mit für auf den dem zu werden wird im',
  French: 'le les des est une et vous votre nous pour avec dans pas du sur ce cette être',
  Spanish: 'el los las es una y su para con por del puede está usted nuestro nuestra nuestras más',
  Italian: 'il gli di è una e per con che non della sono può nel suo',
  Portuguese: 'os as é uma e para com não do da em você seu pode sua',
  Dutch: 'het een en van uw wij voor met niet op zijn wordt kunt dat',
}

const languages = Object.keys(frequent)
/** Word → places in `languages`. */
const known = new Map<string, number[]>()
for (const [place, list] of Object.values(frequent).entries()) {
  for (const word of list.split(' ')) known.set(word, [...(known.get(word) ?? []), place])
}

const maxChars = 2_000
const minWords = 3

/** The language whose small words are at least twice as many as those of any other; null where that is not clear. */
export const languageOf = remembered((text: string): string | null => {
  const found =
    text
      .slice(0, maxChars)
      .toLowerCase()
      .match(/\p{L}+/gu) ?? []
  const counts = languages.map((language) => ({ language, count: 0 }))
  for (const word of found) for (const place of known.get(word) ?? []) counts[place]!.count++
  counts.sort((a, b) => b.count - a.count)
  const [first, second] = counts
  return first!.count >= minWords && first!.count >= 2 * second!.count ? first!.language : null
})
