import { type Given } from '../../../shared/dialects/given.ts'
import { readFacts } from '../facts/extract.ts'
import { plain } from '../quotations.ts'
import { lazy } from '../text/lazy.ts'
import { readOne } from '../text/reading.ts'

/** The texts of a request in a form in which claims are looked up. */
export type Context = {
  /** In lower case. */
  text: string
  /** What takes long is worked out when a claim does not stand there as it is written. */
  facts: () => ContextFacts
  words: () => ReadonlySet<string>
  /** As `plain` of quotations has it. */
  plain: () => string
}
type ContextFacts = {
  /** `kind value` of each fact. */
  known: ReadonlySet<string>
  /** Numbers without a unit, and those of all facts. */
  bare: ReadonlySet<string>
  numbers: ReadonlySet<string>
}

/** In a longer one a claim would be looked for too long, and in a part of it be missed. */
const maxContextChars = 500_000
/** So much is read for facts at once, so that no piece holds more of them than are read. */
const pieceChars = 6_000

/**
 * `Context:`, `## Passages`, `<documents>` on a line of their own or in front of one: the ways in which a prompt says that
 * what follows is to be answered from.
 */
const section =
  /^[ \t]*(?:#{1,4} *|\*\*|<|\[)?(?:the )?(?:context|passages?|documents?|sources?|excerpts?|knowledge base|search results|retrieved \w+|reference text|kontext|textstellen?|dokumente?|quellen?|contexte|extraits?|sources|contexto|documentos?|fuentes|contesto|documenti|fonti|fontes|bronnen)(?: ?\d{1,3})?(?:\*\*)?[ \t]*(?:[:：>\]]|$)/im

export const hasSection = ({ texts }: Given): boolean => texts.some((text) => section.test(text))

export const isTooLong = ({ texts }: Given): boolean =>
  texts.reduce((total, { length }) => total + length, 0) > maxContextChars

export function contextOf({ texts }: Given): Context {
  const whole = texts.join('\n\n')
  return {
    text: whole.toLowerCase(),
    facts: lazy(() => factsOf(whole)),
    words: lazy(() => new Set(wordsOf(whole))),
    plain: lazy(() => plain(whole)),
  }
}

function factsOf(whole: string): ContextFacts {
  const [known, bare, numbers] = [new Set<string>(), new Set<string>(), new Set<string>()]
  for (const piece of piecesOf(whole)) {
    for (const fact of readFacts(readOne(piece)).facts) {
      for (const value of fact.values) known.add(`${fact.kind} ${value}`)
      for (const value of fact.numbers) {
        numbers.add(value)
        if (fact.kind === 'number') bare.add(value)
      }
    }
  }
  return { known, bare, numbers }
}

/** Cut where a line or at least a word ends, so that no fact is cut in two. */
function* piecesOf(text: string): Generator<string> {
  let start = 0
  while (start < text.length) {
    const limit = start + pieceChars
    const atLine = limit >= text.length ? text.length : text.lastIndexOf('\n', limit)
    const atWord = atLine > start ? atLine : text.lastIndexOf(' ', limit)
    const end = atWord > start ? atWord : limit
    yield text.slice(start, end)
    start = end
  }
}

function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/\p{L}[\p{L}\p{N}]*(?:['’]\p{L}+)*/gu) ?? []
  return words.flatMap((word) => {
    const straight = word.replaceAll('’', "'")
    return straight.endsWith("'s") ? [straight, straight.slice(0, -2)] : [straight]
  })
}
