import { deepEqual, equal, match, rejects } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test, type TestContext } from 'node:test'
import { startPool } from '../../../../services/compare/main.ts'
import { Compare } from '../../../../shared/config/schema.ts'
import { Comparison } from '../../../../shared/contracts/comparison.ts'
import { aSet } from '../builders.ts'

const folder = mkdtempSync(join(tmpdir(), 'understudy-scorers-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function aModule(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const aScorer = (name: string, module: string, timeoutMs = 60_000) => ({
  name,
  module,
  timeoutMs,
  as: 'score' as const,
})

function aPool(scorers: ReturnType<typeof aScorer>[]) {
  return startPool({
    config: { routes: [], compare: { ...Compare.parse({ workers: 1 }), scorers }, waivers: [], candidates: [] },
  })
}

async function compared(t: TestContext, ...scorers: ReturnType<typeof aScorer>[]): Promise<Comparison[]> {
  const pool = await aPool(scorers)
  t.after(() => pool.close())
  const set = Buffer.from(JSON.stringify(aSet()))
  await pool.compare(set)
  const records = await pool.compare(set)
  return records.map(({ value }) => Comparison.parse(JSON.parse(Buffer.from(value).toString())))
}

test('modules of every kind score in the threads, over and over', async (t) => {
  const typed = `export function score({ arm }: { arm: { text: string } }): number { return arm.text.length > 0 ? 0.25 : 0 }`
  const comparisons = await compared(
    t,
    aScorer('typed', aModule('typed.ts', typed)),
    aScorer('plain', aModule('plain.mjs', 'export const score = () => 0.5')),
    aScorer('common', aModule('common.cjs', 'exports.score = () => 0.75')),
    aScorer('whole', aModule('whole.mjs', 'export default { score: () => 1 }')),
  )

  equal(comparisons.length, 2)
  for (const { scores } of comparisons)
    deepEqual([scores['typed'], scores['plain'], scores['common'], scores['whole']], [0.25, 0.5, 0.75, 1])
})

test('a scorer that does not end, exits or leaves a failure behind costs its own score only', async (t) => {
  const comparisons = await compared(
    t,
    aScorer('endless', aModule('endless.mjs', 'export function score() { for (;;); }'), 50),
    aScorer('exits', aModule('exits.mjs', 'export function score() { process.exit(1) }')),
    aScorer(
      'leaves',
      aModule('leaves.mjs', 'export function score() { void Promise.reject(new Error("x")); return 1 }'),
    ),
    aScorer('promises', aModule('promises.mjs', 'export async function score() { throw new Error("x") }')),
    aScorer('fine', aModule('fine.mjs', 'export const score = () => 0.5')),
  )

  for (const { scores, notScored } of comparisons) {
    deepEqual([scores['fine'], scores['leaves']], [0.5, 1])
    deepEqual(Object.keys(notScored).toSorted(), ['endless', 'exits', 'promises'])
    match(notScored['endless']!, /took longer than 50 ms/)
  }
})

test('a module that cannot be used is a mistake of the config, told at the start with its cure', async () => {
  const cases: [string, string | null, RegExp][] = [
    [
      'absent',
      null,
      /compare\.scorers absent: .*absent\.ts cannot be read \(ENOENT\): the path starts from the folder/,
    ],
    ['syntax', 'export function score( {', /syntax\.ts cannot be loaded \(SyntaxError: .*\): try `node /],
    ['thrower', 'throw new Error("no key")', /thrower\.ts cannot be loaded \(Error: no key\)/],
    ['empty', 'export const other = 1', /empty\.ts exports no function score: export function score/],
    ['exact', 'export const score = () => 1', /exact: is the name of a built-in scorer: choose another/],
  ]
  for (const [name, text, message] of cases) {
    const file = text === null ? join(folder, `${name}.ts`) : aModule(`${name}.ts`, text)
    await rejects(aPool([aScorer(name, file)]), { code: 'CONFIG_INVALID', exitCode: 2, message })
  }
})
