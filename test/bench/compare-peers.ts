// npm run bench -- compare-peers: pairs of answers through promptfoo, DeepEval and `understudy compare --file`, as whole processes
// without a model; ROUGE beside Google's program and the same in Rust; JSON documents beside libraries that tell how two objects differ.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareFields } from '../../services/compare/json/compare-fields.ts'
import { decide } from '../../services/compare/ladder.ts'
import { scoresOf } from '../../services/compare/scorers/index.ts'
import { rougeOfTokens } from '../../services/compare/text/rouge.ts'
import { wordTokens } from '../../services/compare/text/tokens.ts'
import { type Json } from '../../shared/dialects/dialect.ts'
import { answerPairs, documentPairs, type TextPair } from './compare/corpus.ts'
import { cpuMicroseconds, largeWarmUpMs, median, ratio, through } from './compare/measure.ts'
import { mustBeEqual, pairFrom, textScorers } from './compare/pairs.ts'
import { installedVersion, installFromNpm, installFromPypi } from './tap/install.ts'

const promptfooVersion = '0.123.1'
const deepevalVersion = '4.3.1'
const rougeScoreVersion = '0.1.2'
const rustRougeVersion = '0.2.1'
const differs = { microdiff: '1.6.0', 'deep-diff': '1.0.2', jsondiffpatch: '0.7.7', rfc6902: '5.4.0' }
const [few, many, rounds] = [200, 1_000, 3]
let isMissed = false

/** Prints each figure with its goal; the exit code is 1 where one is missed. */
export async function bench(): Promise<void> {
  await besideDiffs()
  changedPairs()
  await besideRougeOfPython()
  await besideRunners()
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
  const decided = (pair: TextPair) => decide(pairFrom(pair, 'json'))
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

/**
 * Takes pairs as JSON and the module of a scorer, and prints as JSON what it scores, and CPU microseconds a pair of one second's
 * work, both warmed up.
 */
const scoreInPython = `
import importlib, json, sys, time
pairs = json.load(open(sys.argv[1]))
module = importlib.import_module(sys.argv[2])
kinds = ["rouge1", "rouge2", "rougeL"]
scorer = module.RougeScorer(kinds, use_stemmer=False)
scores = [[scorer.score(*pair)[kind].fmeasure for kind in kinds] for pair in pairs]
start, count = time.process_time(), 0
while time.process_time() - start < 1:
    scorer.score(*pairs[count % len(pairs)])
    count += 1
print(json.dumps({"scores": scores, "microseconds": (time.process_time() - start) / count * 1e6}))
`

async function besideRougeOfPython(): Promise<void> {
  const packages = [`rouge-score==${rougeScoreVersion}`, `rouge-score-rs==${rustRougeVersion}`]
  const programs = await installFromPypi('rouge', ...packages)
  const folder = mkdtempSync(join(tmpdir(), 'understudy-rouge-'))
  const ours = ({ served, arm }: TextPair) => rougeOfTokens(wordTokens(served, arm))
  try {
    for (const chars of [300, 2_048]) {
      const pairs = answerPairs(chars)
      const file = join(folder, 'pairs.json')
      writeFileSync(file, JSON.stringify(pairs.map(({ served, arm }) => [served, arm])))
      const own = cpuMicroseconds([through(pairs, 10, ours)], largeWarmUpMs)[0]!.map((batch) => batch / 10)
      for (const [name, module, goal] of [
        [`rouge-score ${rougeScoreVersion} (Python)`, 'rouge_score.rouge_scorer', 15],
        [`rouge-score-rs ${rustRougeVersion} (Rust, called from Python)`, 'rouge_score_rs', 0.3],
      ] as const) {
        const answer = execFileSync(join(programs, 'python'), ['-c', scoreInPython, file, module], { encoding: 'utf8' })
        const { scores, microseconds } = JSON.parse(answer) as { scores: number[][]; microseconds: number }
        for (const [at, pair] of pairs.entries()) mustBeEqual(Object.values(ours(pair)), scores[at]!)
        const times = microseconds / median(own)
        const title = `ROUGE-1, -2, -L, ${chars} characters, beside ${name}`
        told(title, `${times.toFixed(times < 10 ? 2 : 0)} x`, `>= ${goal} x`, times >= goal)
      }
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A program that scores pairs: what it is called, what it scores with, and CPU seconds of a run. */
type Runner = { title: string; seconds: (pairs: TextPair[]) => number }

async function besideRunners(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-peers-'))
  try {
    mkdirSync(join(folder, 'home'))
    const modules = await installFromNpm('promptfoo', { promptfoo: promptfooVersion }, 1_200_000)
    const programs = await installFromPypi(
      'deepeval',
      `deepeval==${deepevalVersion}`,
      `rouge-score==${rougeScoreVersion}`,
    )
    const runners: Runner[] = [
      {
        title: `promptfoo ${promptfooVersion} (equals, levenshtein, rouge-n)`,
        seconds: (pairs) => promptfooSeconds(folder, modules, pairs),
      },
      {
        title: `DeepEval ${deepevalVersion} (exact match, rouge-1, -2, -l)`,
        seconds: (pairs) => deepevalSeconds(folder, programs, pairs),
      },
    ]
    const pairs = pairsOf(many)
    const scored = through(pairs, 10, (pair) => scoresOf(pairFrom(pair, 'text'), textScorers))
    const ownMs = median(cpuMicroseconds([scored], largeWarmUpMs)[0]!) / 10 / 1000
    for (const runner of runners) {
      const theirMs = besideRunner(folder, runner)
      const times = theirMs / ownMs
      const title = `text scores of a pair in a process that goes on, beside a pair more of ${runner.title}`
      told(title, `${times.toFixed(0)} x`, '>= 100 x', times >= 100)
      console.log(`  milliseconds: ${ownMs.toFixed(3)} and ${theirMs.toFixed(2)}`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Milliseconds that a pair more takes them. */
function besideRunner(folder: string, { title, seconds }: Runner): number {
  const spent = { ours: new Map<number, number>(), theirs: new Map<number, number>() }
  for (const count of [few, many]) {
    const pairs = pairsOf(count)
    const measured: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] }
    for (let round = 0; round < rounds; round++) {
      measured.ours.push(ourSeconds(folder, pairs))
      measured.theirs.push(seconds(pairs))
    }
    for (const whose of ['ours', 'theirs'] as const) spent[whose].set(count, median(measured[whose]))
  }
  const { ours, theirs } = spent
  const beside = `ladder and all scores, beside ${title}`
  for (const count of [few, many]) {
    const times = theirs.get(count)! / ours.get(count)!
    told(`${count} pairs, whole processes, ${beside}`, `${times.toFixed(1)} x`, '>= 100 x', times >= 100)
    console.log(`  processor seconds: ${ours.get(count)!.toFixed(2)} and ${theirs.get(count)!.toFixed(2)}`)
  }
  const perPair = (of: Map<number, number>): number => ((of.get(many)! - of.get(few)!) / (many - few)) * 1000
  const times = perPair(theirs) / perPair(ours)
  told(`a pair more, ${beside}`, `${times.toFixed(1)} x`, '>= 100 x', times >= 100)
  console.log(`  milliseconds: ${perPair(ours).toFixed(2)} and ${perPair(theirs).toFixed(2)}`)
  return perPair(theirs)
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

function promptfooSeconds(folder: string, modules: string, pairs: TextPair[]): number {
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
  mustBeAll(results.results.length, pairs)
}

function mustBeAll(scored: number, pairs: number): void {
  if (scored !== pairs) throw new Error(`${scored} of ${pairs} pairs were scored`)
}

/** As its pages tell to bring metrics of one's own, with the scores that it has. */
const evaluateInPython = `
import json, sys
from deepeval import evaluate
from deepeval.evaluate.configs import AsyncConfig, CacheConfig, DisplayConfig
from deepeval.metrics import BaseMetric
from deepeval.scorer import Scorer
from deepeval.test_case import LLMTestCase

class Scored(BaseMetric):
    def __init__(self, name, score):
        self.name, self.scored, self.threshold, self.async_mode = name, score, 0.0, False

    def measure(self, case):
        self.score = self.scored(case.expected_output, case.actual_output)
        self.success = True
        return self.score

    async def a_measure(self, case, *args, **kwargs):
        return self.measure(case)

    def is_successful(self):
        return True

    @property
    def __name__(self):
        return self.name

rouge = lambda kind: Scored(kind, lambda served, arm: Scorer.rouge_score(served, arm, kind))
metrics = [Scored("exact", Scorer.exact_match_score), rouge("rouge1"), rouge("rouge2"), rouge("rougeL")]
pairs = json.load(open(sys.argv[1]))
results = evaluate(
    test_cases=[LLMTestCase(input="", expected_output=served, actual_output=arm) for served, arm in pairs],
    metrics=metrics,
    async_config=AsyncConfig(run_async=False),
    display_config=DisplayConfig(show_indicator=False, print_results=False),
    cache_config=CacheConfig(write_cache=False),
)
json.dump(len(results.test_results), open(sys.argv[2], "w"))
`

function deepevalSeconds(folder: string, programs: string, pairs: TextPair[]): number {
  const [file, output] = [join(folder, 'pairs.json'), join(folder, 'scored.json')]
  writeFileSync(file, JSON.stringify(pairs.map(({ served, arm }) => [served, arm])))
  const env = { ...offline, DEEPEVAL_TELEMETRY_OPT_OUT: 'YES', HOME: join(folder, 'home') }
  // It writes what it found into the folder that it is started in.
  const spent = processorSeconds([join(programs, 'python'), '-c', evaluateInPython, file, output], env, folder)
  mustBeAll(JSON.parse(readFileSync(output, 'utf8')) as number, pairs.length)
  return spent
}

/** Of the process and all that it starts. Exit codes say what was found, so they are no failure. */
function processorSeconds(command: string[], env: Record<string, string>, cwd = '.'): number {
  const timed = ['-c', '"$@" >/dev/null 2>&1; times', 'sh', ...command]
  const told = execFileSync('sh', timed, { encoding: 'utf8', env: { ...process.env, ...env }, cwd })
  // The second line is of the children: `0m3.647s 0m0.633s`.
  const times = told
    .trim()
    .split('\n')[1]!
    .matchAll(/(\d+)m([\d.]+)s/g)
  return [...times].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}
