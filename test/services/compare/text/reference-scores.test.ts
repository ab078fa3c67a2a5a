import { equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import natural from 'natural/lib/natural/tfidf/index.js'
import { bleu } from '../../../../services/compare/text/bleu.ts'
import { chrf } from '../../../../services/compare/text/chrf.ts'
import { rougeOfTokens } from '../../../../services/compare/text/rouge.ts'
import { tfIdfCosine } from '../../../../services/compare/text/tf-idf.ts'
import { normalizeAnswer } from '../../../../services/compare/text/normal-form.ts'
import { fMeasure, sharedTokens, squadTokens, wordTokens } from '../../../../services/compare/text/tokens.ts'

type Row = { reference: string; hypothesis: string } & Record<
  'rouge1' | 'rouge2' | 'rougeL' | 'squadF1' | 'squadExact' | 'chrf' | 'bleu',
  number
>
const rows = readFileSync(new URL('../../../fixtures/text-scores/scores.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row)

function squadF1(reference: string, hypothesis: string): number {
  const pair = squadTokens(reference, hypothesis)
  const { left, right } = pair
  return left.length + right.length === 0 ? 1 : fMeasure(sharedTokens(pair), left.length, right.length)
}

const near = (ours: number, theirs: number, row: Row): void =>
  ok(Math.abs(ours - theirs) < 1e-9, `${ours} is not ${theirs}: ${JSON.stringify(row)}`)

test('the table holds 200 pairs and more, alike and unlike', () => {
  ok(rows.length >= 200)
  ok(rows.some(({ rougeL }) => rougeL === 0) && rows.some(({ rougeL }) => rougeL === 1))
})

test('ROUGE-1, -2 and -L equal those of rouge_score', () => {
  for (const row of rows) {
    const scores = rougeOfTokens(wordTokens(row.reference, row.hypothesis))
    for (const name of ['rouge1', 'rouge2', 'rougeL'] as const) near(scores[name], row[name], row)
  }
})

test('token F1 and exact match equal those of SQuAD', () => {
  for (const row of rows) {
    near(squadF1(row.reference, row.hypothesis), row.squadF1, row)
    equal(normalizeAnswer(row.reference) === normalizeAnswer(row.hypothesis), row.squadExact === 1)
  }
})

test('chrF and BLEU equal those of sacreBLEU', () => {
  for (const row of rows) {
    near(chrf(row.reference, row.hypothesis), row.chrf / 100, row)
    near(bleu(row.reference, row.hypothesis), row.bleu / 100, row)
  }
})

test('the TF-IDF cosine has the weights of natural', () => {
  const texts = ['the parcel arrives on monday monday', 'the parcel left on friday']
  const documents = new natural.TfIdf()
  for (const text of texts) documents.addDocument(text.split(' '))
  const words = [...new Set(texts.join(' ').split(' '))]
  const [left, right] = [0, 1].map((at) => words.map((word) => documents.tfidf(word, at)))
  const dot = (a: number[], b: number[]): number => a.reduce((sum, value, at) => sum + value * b[at]!, 0)
  const expected = dot(left!, right!) / Math.sqrt(dot(left!, left!) * dot(right!, right!))
  ok(Math.abs(tfIdfCosine(wordTokens(texts[0]!, texts[1]!)) - expected) < 1e-12)
})
