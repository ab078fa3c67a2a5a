import { factAt, readFacts } from '../facts/extract.ts'
import { type Fact } from '../facts/fact.ts'
import { isFunctionWord } from '../facts/words.ts'
import { languageOf } from '../text/language.ts'
import { remembered } from '../text/remembered.ts'
import { readBoth } from '../text/reading.ts'
import { boundAround, isLight, meaningOf } from './lexicon.ts'

export type Word = {
  lower: string
  /** The same for words of one meaning, and for notations of one fact. */
  meaning: string
  hasContent: boolean
  /** Written with a capital inside a sentence. Not told in German, where every noun is. */
  isName: boolean
  fact: Fact | null
  /** Of a number: `at least`, `at most`, `more than`, `less than`. */
  bound: string | null
}

export type Sentence = {
  text: string
  words: Word[]
  content: ReadonlySet<string>
  /** An item of a numbered list. */
  isStep: boolean
  key: string
}

const maxSentences = 150
const abbreviations = String.raw`(?<!(?:^|[\s("])(?:Dr|Mr|Mrs|Ms|Prof|St|No|Nr|vs|ca|approx|e\.g|i\.e|z\.B)\.)`
const ends = new RegExp(String.raw`(?:${abbreviations}(?<=[.!?…:][*_"”)]*)\s+|(?<=[。！？])|;\s+|\n+)+`, 'gu')
const courtesy =
  /^\W*(?:(?:hello|hi|hey|dear|hallo|bonjour|hola)(?:\s+\p{L}+)?[,!.]*|(?:great|good) (?:question|news)\W*|sure\W*|done\W*|of course\W*|certainly\W*|(?:sure|of course|certainly)?\W*(?:i can|i['’]?m|i am|i['’]d be)? ?(?:happy|glad)? ?(?:to)? ?help(?: you)?(?: with (?:that|this))?\W*|thank(?:s| you)[^.!?]{0,60}\W*|have a [^.!?]{0,40} ?day\W*|is there anything else[^?]{0,60}\??|let me know if[^.!?]{0,80}\W*|i hope (?:this|that) helps\W*|you['’]?re welcome\W*)$/iu
const listMark = /^\s*(?:#{1,6}\s+|(?:[-*•]\s*)?(?:\*\*)?\(?\d{1,3}[.)](?=[\s*])|[-*•]\s+)/
const opening = /^(?:sure|of course|certainly|yes|done|good news|great question|hi|hello)\b(?: \p{L}+)?[!,.:] +(?=\S)/iu
const word = /([\ue001-\ue1ff])\1*|\p{L}+(?:['’]\p{L}+)*/gu

/** Sentences and list items, in order, without what is said for courtesy only. */
export const sentencesOf: (text: string) => readonly Sentence[] = remembered((text) => {
  const { facts, marked } = readFacts(readBoth(text.slice(0, 100_000), '')[0])
  const readsNames = languageOf(text) !== 'German'
  const found: Sentence[] = []
  for (const { start, end } of piecesOf(marked)) {
    const raw = text.slice(start, end)
    if (courtesy.test(raw.trim())) continue
    const said = marked.slice(start, end)
    const skipped = (listMark.exec(raw) ?? opening.exec(raw))?.[0].length ?? 0
    const words = Array.from(said.matchAll(word), (match) => readWord(match, raw, said, skipped, facts, readsNames))
    const spoken = words.filter((each) => each !== null)
    if (spoken.length === 0) continue
    found.push(sentence(raw.trim(), spoken, /^\s*(?:\*\*)?\(?\d/.test(raw) && listMark.test(raw)))
    if (found.length === maxSentences) break
  }
  return found
})

function sentence(text: string, words: Word[], isStep: boolean): Sentence {
  const content = new Set(words.filter(({ hasContent }) => hasContent).map(({ meaning }) => meaning))
  return { text, words, content, isStep, key: words.map(({ meaning }) => meaning).join(' ') }
}

/** A list mark ends no sentence: it was read as no fact, so its full stop is not in the marked text. */
function* piecesOf(marked: string): Generator<{ start: number; end: number }> {
  let start = 0
  for (const { index, 0: gap } of marked.matchAll(ends)) {
    yield { start, end: index }
    start = index + gap.length
  }
  yield { start, end: marked.length }
}

function readWord(
  { 0: run, index }: RegExpExecArray,
  raw: string,
  said: string,
  skipped: number,
  facts: readonly Fact[],
  readsNames: boolean,
): Word | null {
  if (index < skipped) return null
  const written = raw.slice(index, index + run.length)
  const [before, behind] = [
    said.slice(Math.max(0, index - 30), index),
    said.slice(index + run.length, index + run.length + 30),
  ]
  if (run >= '\ue001' && run < '\ue200') {
    const fact = factAt(facts, run)
    const bound = boundAround(before.trimEnd(), behind)
    return {
      lower: written.toLowerCase(),
      meaning: `${fact.kind} ${fact.values[0]}`,
      hasContent: true,
      isName: false,
      fact,
      bound,
    }
  }
  const lower = written.toLowerCase().replaceAll('’', "'").replace(/'s$/, '')
  const isFirst = !/[\p{L}\ue001-\ue1ff]/u.test(said.slice(skipped, index)) || /[:"“„«(|]\s*$/.test(before)
  const isName = readsNames && !isFirst && /^\p{Lu}/u.test(written) && !/^I(?:['’]|$)/.test(written)
  const hasContent = isName || (lower.length > 1 && !lower.endsWith("n't") && !isFunctionWord(lower) && !isLight(lower))
  return { lower, meaning: hasContent ? meaningOf(lower) : lower, hasContent, isName, fact: null, bound: null }
}
