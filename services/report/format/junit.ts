import { type GateResult, type Verdict } from '../../../shared/contracts/verdict.ts'
import { gateTitles, sliceTitle } from '../words.ts'
import { distance } from './rows.ts'

/** What a CI makes of a verdict that is not settled. */
export type Unsettled = 'skipped' | 'error'

type Result = { kind: 'passed' } | { kind: 'failure' | Unsettled; type: string; message: string }
type TestCase = { name: string; result: Result; output: string }

/** JUnit XML: a suite per candidate; a case per gate, and one for the verdict, which may be open with every gate inside. */
export function formatJunit(verdicts: readonly Verdict[], unsettled: Unsettled = 'skipped'): string {
  const suites = verdicts.map((verdict) => suiteOf(verdict, casesOf(verdict, unsettled)))
  const all = verdicts.flatMap((verdict) => casesOf(verdict, unsettled))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="understudy" ${counts(all)} time="0">\n${suites.join('')}</testsuites>\n`
}

function casesOf(verdict: Verdict, unsettled: Unsettled): TestCase[] {
  const { sentence, reason } = verdict
  const results: Record<Verdict['verdict'], Result> = {
    go: { kind: 'passed' },
    no_go: { kind: 'failure', type: reason, message: sentence },
    inconclusive: { kind: unsettled, type: reason, message: sentence },
  }
  return [
    { name: 'verdict', result: results[verdict.verdict], output: sentence },
    ...verdict.except.map((slice) => {
      const message = `keep the served model on ${sliceTitle(slice)}: ${slice.gates.map((gate) => gateTitles[gate]).join(', ')}`
      return { name: sliceTitle(slice), result: { kind: 'failure' as const, type: 'except', message }, output: message }
    }),
    ...verdict.gates.map((gate) => ({
      name: gateTitles[gate.gate],
      result: resultOf(gate, unsettled),
      output: [gate.margin, `${gate.units} ${gate.unit}s`, `distance × 100: ${distance(gate)}`, ...gate.notes].join(
        '\n',
      ),
    })),
  ]
}

function resultOf(gate: GateResult, unsettled: Unsettled): Result {
  const { state, blocking, margin, notes } = gate
  const message = `${margin}: ${state.replaceAll('_', ' ')}, distance × 100: ${distance(gate)}`
  if (state === 'inside') return { kind: 'passed' }
  // What decides nothing neither fails a build nor holds it up.
  if (state === 'off' || !(blocking || isReplayCheck(gate)))
    return { kind: 'skipped', type: state, message: notes[0] ?? `displayed only. ${message}` }
  return { kind: state === 'outside' ? 'failure' : unsettled, type: state, message }
}

const isReplayCheck = ({ gate }: GateResult) => gate === 'replayLow' || gate === 'replayHigh'

function suiteOf(verdict: Verdict, cases: readonly TestCase[]): string {
  const { candidate, asOf } = verdict
  const properties = { verdict: verdict.verdict, reason: verdict.reason, model: verdict.model, alpha: verdict.alpha }
  return [
    `  <testsuite name="${xml(candidate)}" ${counts(cases)} time="0" timestamp="${asOf.slice(0, 19)}">\n`,
    '    <properties>\n',
    ...Object.entries(properties).map(
      ([name, value]) => `      <property name="${name}" value="${xml(String(value))}"/>\n`,
    ),
    '    </properties>\n',
    ...cases.map((testCase) => caseOf(candidate, testCase)),
    '  </testsuite>\n',
  ].join('')
}

function caseOf(candidate: string, { name, result, output }: TestCase): string {
  const inside =
    result.kind === 'passed'
      ? ''
      : result.kind === 'skipped'
        ? `      <skipped message="${xml(result.message)}"/>\n`
        : `      <${result.kind} type="${xml(result.type)}" message="${xml(result.message)}">${xml(result.message)}</${result.kind}>\n`
  return `    <testcase classname="understudy.${xml(candidate)}" name="${xml(name)}" time="0">\n${inside}      <system-out>${xml(output)}</system-out>\n    </testcase>\n`
}

function counts(cases: readonly TestCase[]): string {
  const of = (kind: Result['kind']) => cases.filter(({ result }) => result.kind === kind).length
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}"`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

// Characters that XML 1.0 cannot hold in any form, halves of surrogate pairs among them.
const impossible = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu

function xml(text: string): string {
  return text.replace(impossible, '\uFFFD').replace(/[&<>"']/g, (character) => entities[character]!)
}
