/** Frequent words of each language that are rare in the others. */
const frequent: Record<string, ReadonlySet<string>> = {
  English: words('the and you your are is to of for with this that will have can it be from'),
  German: words('der die das und ist nicht ein eine einen ich sie ihre wir mit für auf den dem zu werden wird im'),
  French: words('le les des est une et vous votre nous pour avec dans pas du sur ce cette être'),
  Spanish: words('el los las es una y su para con por del puede está usted nuestro nuestra nuestras más'),
  Italian: words('il gli di è una e per con che non della sono può nel suo'),
  Portuguese: words('os as é uma e para com não do da em você seu pode sua'),
  Dutch: words('het een en van uw wij voor met niet op zijn wordt kunt dat'),
}

const maxChars = 2_000
const minWords = 3

/** The language whose small words are at least twice as many as those of any other; null where that is not clear. */
export function languageOf(text: string): string | null {
  const found =
    text
      .slice(0, maxChars)
      .toLowerCase()
      .match(/\p{L}+/gu) ?? []
  const counts = Object.entries(frequent)
    .map(([language, known]) => ({ language, count: found.filter((word) => known.has(word)).length }))
    .toSorted((a, b) => b.count - a.count)
  const [first, second] = counts
  return first!.count >= minWords && first!.count >= 2 * second!.count ? first!.language : null
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '))
}
