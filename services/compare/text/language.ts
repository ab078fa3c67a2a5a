import { kinds } from './characters.ts'
import { onceARead, readOne, type Reading } from './reading.ts'
import { wordOf, wordTable } from './vocabulary.ts'

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
const lists = Object.values(frequent).map((list) => new Set(list.split(' ')))
/** The languages that a word is frequent in, one bit each. */
const languagesOf = wordTable((word) =>
  lists.reduce((bits, list, place) => bits | (list.has(word) ? 1 << place : 0), 0),
)

const maxChars = 2_000
const minWords = 3

/** Of each language; used from text to text. */
const counts = new Int32Array(languages.length)

/** The language whose small words are at least twice as many as those of any other; null where that is not clear. */
export const languageOf = (text: string): string | null => languageOfReading(readOne(text))

export const languageOfReading = onceARead(
  ({ lower, count, kinds: kind, starts, ends, words }: Reading): string | null => {
    counts.fill(0)
    for (let token = 0; token < count && starts[token]! < maxChars; token++) {
      if (kind[token] !== kinds.letter) continue
      const isCut = ends[token]! > maxChars
      const bits = languagesOf(isCut ? wordOf(lower.slice(starts[token], maxChars)) : words[token]!)
      if (bits === 0) continue
      for (let place = 0; place < counts.length; place++) counts[place]! += (bits >> place) & 1
    }
    let [first, second] = [0, -1]
    for (let place = 1; place < counts.length; place++) {
      if (counts[place]! > counts[first]!) [first, second] = [place, first]
      else if (second === -1 || counts[place]! > counts[second]!) second = place
    }
    return counts[first]! >= minWords && counts[first]! >= 2 * counts[second]! ? languages[first]! : null
  },
)
