/** Function words that other languages written in Latin letters lack or rarely use. */
const functionWords: Record<string, string> = {
  en: 'the and is are was of to in that it you for with this have not be my your what where how please can i from which',
  de: 'der die das und ist nicht ich sie mit ein eine zu den auf für von wie wo bitte mein meine ihr wir auch noch kann wird sind im dem es hat',
  fr: 'le la les et est des un une pas que qui je vous nous pour dans sur avec où mon ma votre ce cette du au sont il elle ne plus bonjour',
  es: 'el la los las y es un una que de en no por para con mi su cómo dónde está usted se lo del al más pero hola gracias son',
  pt: 'o a os as e é um uma que de em não por para com meu minha seu como onde está você se do da ao mais mas olá obrigado são',
  it: 'il lo la gli le e è un una che di in non per con mio mia come dove sono si del della al più ma ciao grazie questo',
  nl: 'de het een en is niet ik je met van op te dat voor zijn mijn uw hoe waar wij ook nog kan wordt deze bij aan',
  pl: 'i w nie na się jest to z do że jak gdzie czy mój moja proszę dla są co po ale od tak przez',
  sv: 'och är en ett att det som inte jag du med för på av den min hur var kan till har om vi',
  tr: 've bir bu için ne nasıl nerede değil mi mı ile çok benim var yok olarak daha ama gibi lütfen',
}

const byWord = new Map<string, string[]>()
for (const [language, words] of Object.entries(functionWords)) {
  for (const word of words.split(' ')) byWord.set(word, [...(byWord.get(word) ?? []), language])
}

/** Scripts that tell the language, or nearly. Kana before Han: Japanese writes both. */
const scripts: [language: string, letters: RegExp][] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['uk', /[їієґ]/giu],
  ['ru', /\p{Script=Cyrillic}/gu],
  ['ar', /\p{Script=Arabic}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['th', /\p{Script=Thai}/gu],
  ['el', /\p{Script=Greek}/gu],
]

/** More says nothing new, and costs. */
const readLetters = 2_000
/** So many function words, and so many more than of the next language. */
const enoughWords = 2

/**
 * The language of a text as a code of two letters (ISO 639-1), by its script or its function words; null where it is too
 * short, no prose, or could be several. Meant for grouping: the same kind of text gets the same code.
 */
export function languageOf(text: string): string | null {
  const read = text.slice(0, readLetters)
  const letters = read.match(/\p{L}/gu)?.length ?? 0
  if (letters < 2) return null
  for (const [language, letter] of scripts) {
    const seen = read.match(letter)?.length ?? 0
    // Kana among much Han, and the four Ukrainian letters among Cyrillic, are few and tell all the same.
    const share = language === 'ja' || language === 'uk' ? 0.05 : 0.3
    if (seen >= share * letters) return language
  }
  return byFunctionWords(read.toLowerCase())
}

function byFunctionWords(text: string): string | null {
  const seen = new Map<string, number>()
  for (const word of text.match(/\p{L}+/gu) ?? []) {
    const languages = byWord.get(word) ?? []
    // A word of several languages speaks for each of them by its part.
    for (const language of languages) seen.set(language, (seen.get(language) ?? 0) + 1 / languages.length)
  }
  const [first, second] = [...seen].toSorted(([, a], [, b]) => b - a)
  if (first === undefined || first[1] < enoughWords) return null
  return second !== undefined && first[1] < second[1] * 1.2 ? null : first[0]
}
