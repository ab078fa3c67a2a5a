import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { comparePair } from '../../../services/compare/compare-pair.ts'
import { pairOutcomes } from '../../../services/compare/rungs/rung.ts'
import { type Task } from '../../../shared/contracts/exchange.ts'
import { anAnswer, cpuMsOf } from './builders.ts'

const compared = (served: string, candidate: string, task: Task | null = null) =>
  comparePair({ task, request: null, served: anAnswer({ text: served }), candidate: anAnswer({ text: candidate }) })

const deep = (levels: number): string => `${'['.repeat(levels)}1${']'.repeat(levels)}`
const prose = (chars: number): string =>
  Array.from(
    { length: chars / 64 },
    (_, at) => `Order ${at} costs ${at % 97}.50 EUR and is not sent before Monday, May ${at % 28}. `,
  ).join('')

const inputs: [what: string, served: string, candidate: string][] = [
  ['nothing', '', ''],
  ['white space', ' \n\t', '\u00a0\u2003'],
  ['nothing and something', '', 'Something.'],
  ['half a character', 'It is \ud800 here.', 'It is \udc00 here.'],
  ['private use characters', 'It is \ue000\ue001\ue1ff 5 EUR.', 'It is \ue002 5 EUR.'],
  ['controls', '\u0000\u0001\u0002 5', '\u0001 6'],
  ['JSON 10,000 levels deep', deep(10_000), deep(10_001)],
  ['names that objects inherit', '{"__proto__":{"a":1},"constructor":2}', '{"__proto__":{"a":2},"toString":2}'],
  ['a name twice', '{"a":1,"a":2}', '{"a":2}'],
  ['NaN', '{"a":1}', '{"a":NaN}'],
  ['a megabyte of prose', prose(1e6), prose(1e6).replaceAll('May', 'June')],
  ['a megabyte of one word', 'a'.repeat(1e6), `${'a'.repeat(1e6)}b`],
  ['ten megabytes', 'lorem ipsum dolor 5 '.repeat(5e5), 'lorem ipsum 6 dolor '.repeat(5e5)],
  ['numbers in a row', '1 '.repeat(5e5), '1,000 '.repeat(2e5)],
  ['one long number', '9'.repeat(1e6), '9.'.repeat(5e5)],
  ['beginnings of addresses', 'a@'.repeat(5e5), 'x.com/'.repeat(2e5)],
  ['codes without an end', 'a-1_b.'.repeat(2e5), 'a.'.repeat(5e5)],
  ['amounts over ends of lines', '$\n5\n'.repeat(2e5), '5\n\n\n\nEUR'.repeat(1e5)],
  ['list marks over ends of lines', '-\n'.repeat(5e5), '-\n\n\n1. '.repeat(1e5)],
  ['a sentence of denials', 'not a1b2 '.repeat(1e5), 'do not hesitate '.repeat(6e4)],
  ['a megabyte of emphasis', '*'.repeat(1e6), '* '.repeat(5e5)],
  ['a run of quotation marks', `It is x.\n${'"'.repeat(1e5)}`, `It is y.\n${'"'.repeat(9e4)}`],
  ['marks before a courtesy', `${'"'.repeat(9e4)}help`, `${'• '.repeat(4e4)}sure, I can`],
  ['marks behind numbers', '5"'.repeat(5e4), '5”…'.repeat(3e4)],
  ['letters that are no words of courtesy', 'é'.repeat(1e5), `${'е '.repeat(4e4)}thanks`],
  ['letters of two alphabets', 'éone'.repeat(2e5), 'ſix é'.repeat(2e5)],
  ['a megabyte of JSON', JSON.stringify(Array.from({ length: 4e4 }, (_, id) => ({ id }))), '[]'],
]

for (const [what, served, candidate] of inputs) {
  test(`${what}: an outcome, in bounded time`, () => {
    for (const task of [null, 'text', 'label', 'json'] as const) {
      const cpuMs = cpuMsOf(() => {
        const { outcome, quality, divergence, differences } = compared(served, candidate, task)
        ok(pairOutcomes.includes(outcome))
        ok(quality >= 0 && quality <= 1 && divergence >= 0 && divergence <= 1)
        ok(differences.length <= 20)
      })
      ok(cpuMs < 10_000, `${cpuMs} ms as ${task}`)
    }
  })
}
