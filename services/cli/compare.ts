import { createReadStream } from 'node:fs'
import { type Command } from 'commander'
import { Task } from '../../shared/contracts/exchange.ts'
import { type Json } from '../../shared/dialects/dialect.ts'
import { field, isObject, parseJson } from '../../shared/dialects/json.ts'
import { type ComparedPair, comparePair } from '../compare/compare-pair.ts'
import { readRecorded, readRecordedRequest } from '../compare/recorded.ts'
import { type PairOutcome, pairOutcomes } from '../compare/rungs/rung.ts'
import { inputFailed, usage } from './input-file.ts'
import { configOf, print } from './command.ts'
import { linesOf } from './compare/lines.ts'
import { type PairTerms, withoutConfig, withTerms } from './compare/pair-terms.ts'
import { describeRescored, rescoreStored, type RescoreOptions } from './compare/rescore.ts'
import { runForeground, stageCommand, type StageOptions } from './stages.ts'

type CompareOptions = StageOptions & RescoreOptions & { file?: string; rescore?: boolean }

const help = `
Without --file: the stage that compares what replay observed, until a signal.

With --file: one comparison for each line of PAIRS.jsonl, { "id", "task"?, "request"?, "served", "candidate" }:
  served, candidate   a text; or an answer as Understudy records it, { "text", "toolCalls", "outcome", … }, where what is
                      left out is empty; or a response body of any dialect (chat, Responses, completions, Messages) as an
                      object or as its text; or an SSE stream as its text; or { "status", "body" } around one of them
  request             the request body: what it says of format, schema and tools is held against the answers
  task                text, label, json or tools; else what the route declares; guessed from request and served answer
                      where neither is there
  route, arm          names of the config: what it declares of that route, and waivers of that route or arm. Without "arm":
                      the only candidate, where there is one
A config is used if --config names it: its waivers, its own scorers and the settings of its routes. No model is asked.

With --rescore: the comparisons of the traffic captured since then are made again from what is stored, by the waivers and
scorers of now, without asking any model; then what changed. Safe beside traffic, and to run twice.

With --json a pair of JSON answers also has "patch": what makes the candidate's of the served one (RFC 6902).
Prints a line for each: same, harmless, harmful, or unsure (only a judge or a person can settle it), then their shares.
A line that cannot be read is an error with its number, and does not stop the rest; then the exit code is 2.
`

export function compareCommand(): Command {
  return stageCommand('compare')
    .option('--file <pairs.jsonl>', 'compare the pairs of a file instead; - is standard input')
    .option('--rescore', 'make stored comparisons again')
    .option('--since <span|date>', 'with --rescore: traffic from then on, 7d or 2026-11-01')
    .option('--until <span|date>', 'with --rescore: traffic up to then; else up to now')
    .option('--candidate <name>', 'with --rescore: one candidate; all arms without')
    .addHelpText('after', help)
    .action(async (options: CompareOptions, self: Command) => {
      const isRescore = options.rescore === true
      for (const name of ['since', 'until', 'candidate'] as const)
        if (options[name] !== undefined && !isRescore) throw usage(`--${name} goes with --rescore`)
      if (isRescore) {
        if (options.file !== undefined) throw usage('give --rescore or --file, not both')
        const report = await rescoreStored(configOf(options), options)
        print(options, report, describeRescored(report))
        if (Object.keys(report.failed).length > 0) process.exitCode = 1
        return
      }
      if (options.file === undefined) return await runForeground(['compare'], options)
      const config = self.getOptionValueSource('config') === 'default' ? null : configOf(options)
      const write = (line: string) => process.stdout.write(line)
      const summary = await withTerms(config, (by) => compareFile(options.file!, write, options.json === true, by))
      if (summary.errors > 0) process.exitCode = 2
    })
}

export type PairsSummary = {
  pairs: number
  errors: number
  outcomes: Record<PairOutcome, number>
  unsureShare: number | null
}

/** Writes a line for each line of the file and one for all. */
export async function compareFile(
  file: string,
  write: (line: string) => void,
  asJson: boolean,
  by: PairTerms = withoutConfig,
): Promise<PairsSummary> {
  const outcomes: Record<PairOutcome, number> = { same: 0, harmless: 0, harmful: 0, unsure: 0 }
  let [errors, number] = [0, 0]
  const input = file === '-' ? process.stdin : createReadStream(file)
  input.once('error', () => {})
  try {
    for await (const line of linesOf(input)) {
      number++
      if (line.text.trim() === '') continue
      const told = compareLine(line, number, by)
      if ('error' in told) errors++
      else outcomes[told.outcome]++
      write(asJson ? `${JSON.stringify(told)}\n` : inWords(told))
    }
  } catch (err) {
    throw inputFailed(file, err)
  }
  const pairs = pairOutcomes.reduce((total, outcome) => total + outcomes[outcome], 0)
  if (pairs + errors === 0) throw usage(`${file === '-' ? 'standard input' : file} is empty: give one pair a line`)
  const summary = { pairs, errors, outcomes, unsureShare: pairs === 0 ? null : outcomes.unsure / pairs }
  write(asJson ? `${JSON.stringify({ summary })}\n` : summaryInWords(summary))
  return summary
}

type TheDifference = {
  rung: string
  kind: string
  path?: string
  served: string | null
  candidate: string | null
  severity: string
  message: string
  /** The id of the waiver that covers it. */
  waivedBy?: string
}
type Told = Pick<ComparedPair, 'outcome' | 'decidedBy' | 'quality' | 'divergence' | 'task' | 'scores'> & {
  id: string
  differences: TheDifference[]
  patch?: ComparedPair['patch']
  /** Own scorers that gave no score, and why. */
  notScored?: ComparedPair['notScored']
}
type Unread = { error: { line: number; id: string | null; message: string } }

function compareLine({ text, isCut }: { text: string; isCut: boolean }, line: number, by: PairTerms): Told | Unread {
  const value = isCut ? undefined : parseJson(line === 1 ? text.replace(/^\uFEFF/, '') : text)
  const id = idOf(value)
  const unread = (message: string): Unread => ({ error: { line, id, message: `line ${line}: ${message}` } })
  if (isCut) return unread('is longer than 64 MiB: leave the pair out, or cut its answers')
  if (!isObject(value)) return unread('is not a JSON object: write one pair {"id", "served", "candidate"} a line')
  const task = value['task'] === undefined || value['task'] === null ? null : Task.safeParse(value['task'])
  if (task !== null && !task.success)
    return unread(`"task" is none of ${Task.options.join(', ')}: leave it out to have it guessed`)
  const [served, candidate] = [readRecorded(value['served']), readRecorded(value['candidate'])]
  const cure = 'give a text, an answer or a response body (see understudy compare --help)'
  if (!served.ok) return unread(`"served" ${served.reason}: ${cure}`)
  if (!candidate.ok) return unread(`"candidate" ${candidate.reason}: ${cure}`)
  const request = readRecordedRequest(value['request'])
  if (request === null && isGiven(value['request']))
    return unread('"request" is no request body: give the JSON object that was sent, or leave it out')
  const [route, arm] = [nameOf(value['route']), nameOf(value['arm'])]
  if (route === undefined) return unread('"route" is no name: give a text, or leave it out')
  if (arm === undefined) return unread('"arm" is no name: give a text, or leave it out')
  const compared = comparePair(
    {
      task: task?.data ?? by.taskOf(route),
      request,
      requestBody: bodyOf(value['request']),
      served: served.answer,
      candidate: candidate.answer,
      route: route ?? 'default',
      arm: arm ?? by.onlyCandidate,
    },
    by.terms,
  )
  return told(id ?? String(line), compared)
}

const isGiven = (value: Json | undefined): boolean => value !== undefined && value !== null

/** Null: not given. Undefined: no name. */
const nameOf = (value: Json | undefined): string | null | undefined =>
  isGiven(value) ? (typeof value === 'string' ? value : undefined) : null

const bodyOf = (request: Json | undefined): Json =>
  isObject(request) && isObject(request['body']) ? request['body'] : (request ?? null)

function idOf(value: Json | undefined): string | null {
  const id = field(value, 'id')
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null
}

function told(id: string, { differences, patch, ...compared }: ComparedPair): Told {
  const shown = differences.map(({ rung, kind, path, served, arm, severity, message, waivedBy }) => ({
    rung,
    kind,
    ...(path === null ? {} : { path }),
    served,
    candidate: arm,
    severity,
    message,
    ...(waivedBy === undefined ? {} : { waivedBy }),
  }))
  const { outcome, decidedBy, quality, divergence, task, scores, notScored } = compared
  const rest = {
    ...(patch === null || patch.length === 0 ? {} : { patch }),
    ...(Object.keys(notScored).length === 0 ? {} : { notScored }),
  }
  return { id, outcome, decidedBy, quality, divergence, differences: shown, ...rest, task, scores }
}

function inWords(told: Told | Unread): string {
  if ('error' in told) return `error: ${told.error.message}\n`
  const found = told.differences.map(({ message, waivedBy }) => message + (waivedBy === undefined ? '' : ' (waived)'))
  const silent = Object.entries(told.notScored ?? {}).map(([name, why]) => `${name} gave no score: it ${why}`)
  const why = [...found, ...silent].map((each) => `\n    ${each}`).join('')
  return `${told.outcome.padEnd(8)}  ${told.id}  (by ${told.decidedBy}, quality ${told.quality.toFixed(2)}, divergence ${told.divergence.toFixed(2)})${why}\n`
}

function summaryInWords({ pairs, errors, outcomes }: PairsSummary): string {
  const share = (count: number): string => (pairs === 0 ? '' : ` (${((100 * count) / pairs).toFixed(1)} %)`)
  const parts = pairOutcomes.map((outcome) => `${outcomes[outcome]} ${outcome}${share(outcomes[outcome])}`)
  return `${pairs} pairs: ${parts.join(', ')}; ${errors} lines in error. Unsure: only a judge or a person can settle these.\n`
}
