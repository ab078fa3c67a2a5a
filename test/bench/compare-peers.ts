// npm run bench -- compare-peers: pairs of answers through promptfoo and through `understudy compare --file`, as whole
// processes without a model; and JSON documents beside libraries that tell how two objects differ.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareFields } from '../../services/compare/json/compare-fields.ts'
import { decide } from '../../services/compare/ladder.ts'
import { pairOf } from '../../services/compare/pair.ts'
import { type Json } from '../../shared/dialects/dialect.ts'
import { anAnswer } from '../services/compare/builders.ts'
import { answerPairs, documentPairs, type TextPair } from './compare/corpus.ts'
import { cpuMicroseconds, median, ratio, through } from './compare/measure.ts'
import { installedVersion, installFromNpm } from './tap/install.ts'

const promptfooVersion = '0.123.1'
const differs = { microdiff: '1.6.0', 'deep-diff': '1.0.2', jsondiffpatch: '0.7.7', rfc6902: '5.4.0' }
const [few, many, rounds] = [200, 1_000, 3]
let isMissed = false

/** Prints each figure with its goal; the exit code is 1 where one is missed. */
export async function bench(): Promise<void> {
  await besideDiffs()
  changedPairs()
  await besidePromptfoo()
  if (isMissed) process.exitCode = 1
}

function told(name: string, figure: string, goal: string, isMet: boolean): void {
  if (!isMet) isMissed = true
  console.log(`${name.padEnd(104)}${figure.padStart(12)}   goal ${goal}: ${isMet ? 'met' : 'MISSED'}`)
}

type Diff = (served: Json, arm: Json) => unknown

async function besideDiffs(): Promise<void> {
  const modules = await installFromNpm('json-diff', differs)
  const load = createRequire(join(modules, 'here.js'))
  const patcher = await import(load.resolve('jsondiffpatch'))
  const peers: [name: keyof typeof differs, goal: number, diff: Diff][] = [
    ['microdiff', 1.2, load('microdiff').default],
    ['deep-diff', 2.5, load('deep-diff').diff],
    ['jsondiffpatch', 5, patcher.create().diff.bind(patcher.create())],
    ['rfc6902', 5, load('rfc6902').createPatch],
  ]
  const pairs = documentPairs(5_000).map(({ served, arm }) => [withoutArrays(served), withoutArrays(arm)] as const)
  const works = [compareFields as Diff, ...peers.map(([, , diff]) => diff)].map((diff) =>
    through(pairs, 20, ([served, arm]) => diff(served, arm)),
  )
  const [own, ...others] = cpuMicroseconds(works)
  for (const [at, [name, goal]] of peers.entries()) {
    const times = ratio(own!, others[at]!)
    const title = `JSON verdict, 5 kB, beside ${name} ${installedVersion(modules, name)}`
    told(title, `${times.toFixed(1)} x`, `>= ${goal} x`, times >= goal)
  }
}

/** How elements are matched is each library's own affair, and some take quadratic time for it. */
function withoutArrays(text: string): Json {
  const { lines, ...rest } = JSON.parse(text) as { lines: Json[] }
  return { ...rest, lines: Object.fromEntries(lines.map((line, at) => [`line ${at}`, line])) }
}

function changedPairs(): void {
  const pairs = documentPairs(5_000)
  const decided = ({ served, arm }: TextPair) =>
    decide(
      pairOf({
        task: 'json',
        jsonExpected: true,
        schema: null,
        served: anAnswer({ text: served }),
        arm: anAnswer({ text: arm }),
      }),
    )
  const [own, parsed] = cpuMicroseconds([
    through(pairs, 20, decided),
    through(pairs, 20, ({ served, arm }) => [JSON.parse(served), JSON.parse(arm)]),
  ])
  const share = 1 / ratio(own!, parsed!)
  told(
    '5 % changed pair of 5 kB, text to verdict, beside two JSON.parse',
    `${share.toFixed(1)} x`,
    '<= 5 x',
    share <= 5,
  )
}

/** No call of its own may leave the machine, wherever it would like to go. */
const offline = {
  PROMPTFOO_DISABLE_TELEMETRY: '1',
  PROMPTFOO_DISABLE_UPDATE: '1',
  PROMPTFOO_DISABLE_REMOTE_GENERATION: '1',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
}

async function besidePromptfoo(): Promise<void> {
  const modules = await installFromNpm('promptfoo', { promptfoo: promptfooVersion }, 1_200_000)
  const folder = mkdtempSync(join(tmpdir(), 'understudy-peers-'))
  try {
    mkdirSync(join(folder, 'home'))
    const seconds = { ours: new Map<number, number>(), theirs: new Map<number, number>() }
    for (const count of [few, many]) {
      const pairs = pairsOf(count)
      const measured: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] }
      for (let round = 0; round < rounds; round++) {
        measured.ours.push(ourSeconds(folder, pairs))
        measured.theirs.push(theirSeconds(folder, modules, pairs))
      }
      for (const whose of ['ours', 'theirs'] as const) seconds[whose].set(count, median(measured[whose]))
    }
    const [ours, theirs] = [seconds.ours, seconds.theirs]
    const title = `ladder and all scores, beside promptfoo ${promptfooVersion} (equals, levenshtein, rouge-n)`
    for (const count of [few, many]) {
      const times = theirs.get(count)! / ours.get(count)!
      told(`${count} pairs, whole processes, ${title}`, `${times.toFixed(1)} x`, '>= 100 x', times >= 100)
      console.log(`  processor seconds: ${ours.get(count)!.toFixed(2)} and ${theirs.get(count)!.toFixed(2)}`)
    }
    const perPair = (of: Map<number, number>): number => ((of.get(many)! - of.get(few)!) / (many - few)) * 1000
    const times = perPair(theirs) / perPair(ours)
    told(`a pair more, ${title}`, `${times.toFixed(1)} x`, '>= 100 x', times >= 100)
    console.log(`  milliseconds: ${perPair(ours).toFixed(2)} and ${perPair(theirs).toFixed(2)}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** No two are the same. */
function pairsOf(count: number): TextPair[] {
  const pairs = answerPairs(500)
  return Array.from({ length: count }, (_, at) => {
    const { served, arm } = pairs[at % pairs.length]!
    return { served: `${served} ${at}`, arm: `${arm} ${at}` }
  })
}

function ourSeconds(folder: string, pairs: TextPair[]): number {
  const file = join(folder, 'pairs.jsonl')
  writeFileSync(file, pairs.map(({ served, arm }) => `${JSON.stringify({ served, candidate: arm })}\n`).join(''))
  return processorSeconds([process.execPath, 'services/cli/main.ts', 'compare', '--json', '--file', file], {})
}

function theirSeconds(folder: string, modules: string, pairs: TextPair[]): number {
  const file = join(folder, 'promptfooconfig.json')
  const checks = [
    { type: 'equals', value: '{{served}}' },
    { type: 'levenshtein', value: '{{served}}', threshold: 100_000 },
    { type: 'rouge-n', value: '{{served}}', threshold: 0 },
  ]
  const tests = pairs.map(({ served, arm }) => ({ vars: { served, candidate: arm }, assert: checks }))
  writeFileSync(file, JSON.stringify({ prompts: ['{{candidate}}'], providers: ['echo'], tests }))
  const quiet = ['--no-cache', '--no-write', '--no-progress-bar', '--no-table']
  const program = join(modules, '.bin/promptfoo')
  const output = join(folder, 'out.json')
  const env = { ...offline, PROMPTFOO_CONFIG_DIR: join(folder, 'home') }
  const spent = processorSeconds([process.execPath, program, 'eval', '-c', file, '-o', output, ...quiet], env)
  mustHaveScored(output, pairs.length)
  return spent
}

/** A run that gave up is fast and worth nothing. */
function mustHaveScored(output: string, pairs: number): void {
  const { results } = JSON.parse(readFileSync(output, 'utf8')) as { results: { results: unknown[] } }
  if (results.results.length !== pairs) throw new Error(`promptfoo scored ${results.results.length} of ${pairs} pairs`)
}

/** Of the process and all that it starts. Exit codes say what was found, so they are no failure. */
function processorSeconds(command: string[], env: Record<string, string>): number {
  const timed = ['-c', '"$@" >/dev/null 2>&1; times', 'sh', ...command]
  const told = execFileSync('sh', timed, { encoding: 'utf8', env: { ...process.env, ...env } })
  // The second line is of the children: `0m3.647s 0m0.633s`.
  const times = told
    .trim()
    .split('\n')[1]!
    .matchAll(/(\d+)m([\d.]+)s/g)
  return [...times].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}
