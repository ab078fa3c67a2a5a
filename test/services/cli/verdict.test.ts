import { deepEqual, equal, match, ok, throws } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as fc from 'fast-check'
import { readPairs } from '../../../services/cli/verdict-pairs.ts'
import { Verdict } from '../../../shared/contracts/verdict.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { seededRandom } from '../../support/statistics.ts'

const program = new URL('../../../services/cli/main.ts', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'understudy-verdict-'))
after(() => rmSync(folder, { recursive: true }))

type Line = Record<string, unknown>

function run(input: string, ...args: string[]) {
  return spawnSync(process.execPath, [program, 'verdict', '--pairs', '-', ...args], { input, encoding: 'utf8' })
}

const jsonl = (lines: readonly Line[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')

function csv(lines: readonly Line[]): string {
  const names = Object.keys(lines[0]!)
  return [names.join(','), ...lines.map((line) => names.map((name) => String(line[name])).join(','))].join('\r\n')
}

function judged(lines: readonly Line[], ...args: string[]): Verdict {
  const { stdout, stderr } = run(jsonl(lines), '--json', ...args)
  equal(stderr, '')
  return Verdict.parse(JSON.parse(stdout))
}

/** Seeded exchanges over four days, one a unit. `change` is what the candidate does otherwise. */
function exchanges(count: number, change: (line: Line, random: () => number) => Line = () => ({})): Line[] {
  const random = seededRandom(count)
  const pass = () => Number(random() < 0.97)
  return Array.from({ length: count }, (_, number) => {
    const line: Line = {
      unit: `c${number}`,
      at: new Date(Date.UTC(2026, 10, 2) + (number / count) * 4 * 86_400_000).toISOString(),
      servedQuality: pass(),
      controlQuality: pass(),
      candidateQuality: Number(random() < 0.985),
      controlDivergence: 0.1 * random(),
      candidateDivergence: 0.1 * random(),
      controlError: 0,
      candidateError: 0,
      controlTtftMs: 300 + 600 * random(),
      candidateTtftMs: 300 + 600 * random(),
      controlTotalMs: 1_000 + 600 * random(),
      candidateTotalMs: 1_000 + 600 * random(),
      controlCostUsd: 0.004 + 0.001 * random(),
      candidateCostUsd: 0.002 + 0.001 * random(),
    }
    return { ...line, ...change(line, random) }
  })
}

const good = exchanges(3_000)

test('scores made elsewhere get a verdict, with the exit codes of gate', () => {
  const go = run(jsonl(good), '--json')
  const verdict = Verdict.parse(JSON.parse(go.stdout))
  equal(go.status, 0)
  equal(verdict.verdict, 'go')
  equal(verdict.units.closed, 3_000)
  deepEqual(
    verdict.gates.filter(({ state }) => state !== 'inside').map(({ gate }) => gate),
    [],
  )

  const worse = run(jsonl(exchanges(3_000, (_, random) => ({ candidateQuality: Number(random() < 0.85) }))))
  equal(worse.status, 3)
  match(worse.stdout, /NO-GO: quality is outside its margin/)

  const early = run(jsonl(exchanges(50)))
  equal(early.status, 4)
  match(early.stdout, /INCONCLUSIVE/)
})

test('CSV and JSON lines of the same scores give the same verdict, and so does any order of lines', () => {
  const { armFingerprint, asOf, ...rest } = judged(good)
  const read = run(csv(good), '--json')
  const { armFingerprint: _, asOf: __, ...fromCsv } = Verdict.parse(JSON.parse(read.stdout))
  const { armFingerprint: ___, asOf: ____, ...reversed } = judged(good.toReversed())

  deepEqual(fromCsv, rest)
  deepEqual(reversed, rest)
  match(armFingerprint, /^[0-9a-f]{16}$/)
  ok(asOf > '2026')
})

test('a gate without columns is off and listed as off, and GO says so', () => {
  const names = ['unit', 'servedQuality', 'controlQuality', 'candidateQuality', 'id']
  const qualityOnly = good.map((line, id) => Object.fromEntries(names.map((name) => [name, line[name] ?? id])))

  const verdict = judged(qualityOnly)

  equal(verdict.verdict, 'go')
  const states = Object.fromEntries(verdict.gates.map(({ gate, state }) => [gate, state]))
  equal(states['quality'], 'inside')
  for (const gate of ['divergence', 'errors', 'errorCeiling', 'ttftP50', 'ttftP95', 'totalP95', 'cost']) {
    equal(states[gate], 'off', gate)
  }
  match(verdict.sentence, /not measured and not part of it: divergence, error rate/)
  equal(verdict.means.costUsd, null)
  equal(verdict.means.errorRate, null)
  ok(verdict.caveats.some((caveat) => caveat.includes('columns that are not read: id')))
  ok(verdict.caveats.some((caveat) => caveat.includes('minimum of days does not apply')))
})

test('the reference of quality is the mean of served answer and control', () => {
  const lines = exchanges(500, () => ({ servedQuality: 0.9, controlQuality: 0.8, candidateQuality: 0.85 }))
  const quality = judged(lines).gates.find(({ gate }) => gate === 'quality')!

  ok(Math.abs(quality.mean! - 0.03 * 0.85) < 1e-12, String(quality.mean))
  ok(Math.abs(quality.natural.reference! - 0.85) < 1e-12)
})

test('a replay that is not faithful comes before everything else', () => {
  const verdict = judged(
    exchanges(3_000, (_, random) => ({ controlQuality: Number(random() < 0.8), candidateQuality: 0 })),
  )

  equal(verdict.verdict, 'inconclusive')
  equal(verdict.reason, 'replay_not_faithful')
  match(verdict.sentence, /the replay is not faithful/)
})

test('without a control, or without what was served, nothing reaches GO', () => {
  const without = (pattern: RegExp) =>
    good.map((line) => Object.fromEntries(Object.entries(line).filter(([name]) => !pattern.test(name))))

  const noControl = judged(without(/^control/))
  equal(noControl.verdict, 'inconclusive')
  match(noControl.sentence, /there is no controlQuality/)
  equal(judged(without(/^served/)).verdict, 'inconclusive')

  const bad = exchanges(3_000, () => ({ candidateQuality: 0.2 }))
  const alone = bad.map(({ unit, servedQuality, candidateQuality }) => ({ unit, servedQuality, candidateQuality }))
  equal(judged(alone.map((line, id) => ({ ...line, id }))).verdict, 'no_go')

  const controls = Object.keys(good[0]!).filter((name) => name.startsWith('control'))
  const silent = Object.fromEntries(controls.map((name) => [name, null]))
  equal(judged(good.map((line) => ({ ...line, ...silent }))).reason, 'too_few_units')
})

test('one unit, no line, and two arms that are copies of one another never reach GO', () => {
  const one = judged(good.map((line) => ({ ...line, unit: 'all' })))
  equal(one.reason, 'too_few_units')

  const none = run(`${Object.keys(good[0]!).join(',')}\n`, '--json')
  equal(none.status, 4)
  equal((JSON.parse(none.stdout) as Verdict).reason, 'no_comparisons')
  equal(run('').status, 2)

  const copied = good.map((line) => {
    const own = Object.keys(line).filter((name) => name.startsWith('candidate'))
    return { ...line, ...Object.fromEntries(own.map((name) => [name, line[name.replace('candidate', 'control')]])) }
  })
  const copy = judged(copied)
  equal(copy.verdict, 'inconclusive')
  equal(copy.reason, 'arms_identical')
  match(copy.sentence, /nothing shows that two models were asked/)
})

test('an unpriced candidate never reaches GO', () => {
  for (const share of [0.2, 1]) {
    const verdict = judged(exchanges(3_000, (_, random) => (random() < share ? { candidateCostUsd: null } : {})))
    equal(verdict.verdict, 'inconclusive')
    equal(verdict.decidingGate, 'cost')
  }
})

test('an arm that failed counts as failed whatever else its line says', () => {
  const verdict = judged(exchanges(3_000, (_, random) => (random() < 0.2 ? { candidateError: 1 } : {})))

  equal(verdict.verdict, 'no_go')
  ok(verdict.means.quality! < 0.82, String(verdict.means.quality))
  ok(verdict.caveats.some((caveat) => caveat.includes('for an arm that failed: counted as 0')))
})

test('the days that the config asks for hold where the lines have a time', () => {
  const file = join(folder, 'gates.yaml')
  writeFileSync(file, 'gates: { minDays: 7, quality: { relative: 0.05 } }\n')
  const verdict = judged(good, '--config', file)
  equal(verdict.reason, 'too_few_days')
  match(verdict.gates[0]!.margin, /at least 95 %/)
})

test('of more units than the config lets count, the first to end do, and a verdict on them is final', () => {
  const file = join(folder, 'most.yaml')
  writeFileSync(file, 'gates: { maxUnits: 200, quality: { relative: 0.001 } }\n')
  const lines = exchanges(600)
  const verdict = judged(lines, '--config', file)
  const ofFirst = judged(lines.slice(0, 200), '--config', file)

  equal(verdict.reason, 'most_units_reached')
  equal(verdict.moreNeeded, null)
  equal(verdict.units.closed, 200)
  deepEqual(
    verdict.gates.map(({ units, logEGo }) => [units, logEGo]),
    ofFirst.gates.map(({ units, logEGo }) => [units, logEGo]),
  )
})

for (const [margins, pattern] of [
  ['gates: { quality: { relative: 0 } }', /gates\.quality\.relative +a margin of 0 .*: write what you can accept/],
  ['gates: { errors: { ceiling: 1 } }', /gates\.errors\.ceiling +a share of 1 and more excludes nothing: write 0\.03/],
  ['gates: { cost: { relative: -1 } }', /gates\.cost\.relative +a margin of 0 .*: write/],
  ['gate: { quality: { relative: 0.1 } }', /did you mean gates/],
  ['gates: [', /not valid YAML/],
] as const) {
  test(`margins that no verdict can rest on are refused: ${margins}`, () => {
    const file = join(folder, 'bad.yaml')
    writeFileSync(file, `${margins}\n`)
    const refused = run(jsonl(good), '--config', file)
    equal(refused.status, 2)
    match(refused.stderr, pattern)
  })
}

const now = new Date('2026-11-20T12:00:00Z')
const read = (text: string) => readPairs(Buffer.from(text), 'pairs.jsonl', now)

function mistakesIn(text: string): string {
  try {
    read(text)
  } catch (err) {
    ok(err instanceof UnderstudyError && err.code === 'USAGE', String(err))
    return err.message
  }
  return ''
}

const first = { unit: 'a', servedQuality: 1, controlQuality: 1, candidateQuality: 1 }

for (const [what, line, pattern] of [
  ['a score above 1', { candidateQuality: 1.2 }, /line 2 {2}candidateQuality +1\.2: expected a score from 0 to 1/],
  ['a score below 0', { candidateQuality: -0.1 }, /line 2 {2}candidateQuality/],
  ['a score that is no number', { candidateQuality: 'NaN' }, /line 2 {2}candidateQuality +"NaN": expected a number/],
  [
    'a score that is missing',
    { candidateQuality: null },
    /line 2 {2}candidateQuality +missing: write a number from 0 to 1/,
  ],
  ['no unit', { unit: null }, /line 2 {2}unit +missing/],
  ['an error that is neither 0 nor 1', { candidateError: 0.5 }, /line 2 {2}candidateError +0\.5: expected 0 or 1/],
  ['a time below 0', { controlTtftMs: -3 }, /line 2 {2}controlTtftMs +-3: a time below 0/],
  ['a first token after the last', { controlTtftMs: 30, controlTotalMs: 20 }, /line 2 {2}controlTotalMs .*one clock/],
  ['a time to come', { at: '2031-01-01' }, /line 2 {2}at +2031-01-01 is yet to come: a clock is wrong/],
  ['a time long ago', { at: '1970-01-01' }, /line 2 {2}at +1970-01-01 is before/],
  ['a time without a zone', { at: '2026-11-01T10:00:00' }, /line 2 {2}at .*with its zone/],
  ['times on some lines only', { at: '2026-11-01' }, /line 1 {2}at +missing, and other lines have it/],
  ['slices that are no object', { slices: 'de' }, /line 2 {2}slices +expected an object/],
  [
    'a column with a slip',
    { candidateQualty: 1 },
    /line 2 {2}candidateQualty +unknown column: did you mean candidateQuality\?|candidateErr/,
  ],
  ['the same line twice', first, /line 2 .*the same as line 1: an exchange counts once/],
] as [string, Line, RegExp][]) {
  test(`${what} is told with its line and its cure`, () => {
    const { candidateQuality, ...slipped } = first
    const base = 'candidateQualty' in line ? slipped : { ...first, unit: line === first ? 'a' : 'b' }
    const head = 'candidateQualty' in line ? slipped : first
    match(mistakesIn(jsonl([head, { ...base, ...line }])), pattern)
    equal(candidateQuality, 1)
  })
}

for (const [what, text, pattern] of [
  [
    'a column that is there twice',
    'unit,candidateQuality,candidateQuality\na,1,0.2\n',
    /column candidateQuality twice/,
  ],
  ['semicolons', 'unit;candidateQuality\na;1\n', /separated by ";": separate the columns with commas/],
  ['tabs', 'unit\tcandidateQuality\na\t1\n', /separated by tabs/],
  ['a JSON array', '[{"unit":"a","candidateQuality":1}]', /is a JSON array: write one object a line \(jq -c/],
  ['a day that there is not', 'unit,at,candidateQuality\na,2026-02-31,1\n', /line 2 +at +2026-02-31: expected a time/],
  [
    'a number that is too large',
    '{"unit":"a","candidateQuality":1e400}',
    /candidateQuality +Infinity: expected a number/,
  ],
  ['a unit that a number cannot hold', '{"unit":12345678901234567891,"candidateQuality":1}', /unit .*write it as text/],
] as const) {
  test(`${what}: refused with its cure`, () => {
    throws(() => readPairs(Buffer.from(text), 'scores', new Date()), { code: 'USAGE', message: pattern })
  })
}

test('bytes that are not UTF-8 are refused: units that differ in them would become one', () => {
  const lines = 'unit,candidateQuality\nMüller,1\nMöller,0.5\n'

  for (const encoding of ['latin1', 'utf16le'] as const) {
    const bytes = Buffer.from(encoding === 'utf16le' ? `\uFEFF${lines}` : lines, encoding)
    throws(() => readPairs(bytes, 'scores', new Date()), { code: 'USAGE', message: /save it as UTF-8/ })
  }
  equal(new Set(readPairs(Buffer.from(lines), 'scores', new Date()).scores.map(({ unit }) => unit)).size, 2)
})

test('quotes, line ends and empty cells of CSV are read as spreadsheets write them', () => {
  const text = '\uFEFF"unit","at","candidateQuality"\r\n"a,""b""\nc",,1\r\n d ,,0.5\r\ne,null,.5\r\n'
  const { scores } = readPairs(Buffer.from(text.replace(',null,', ',,')), 'scores', new Date())

  deepEqual(
    scores.map(({ unit, candidateQuality }) => [unit, candidateQuality]),
    [
      ['a,"b"\nc', 1],
      ['d', 0.5],
      ['e', 0.5],
    ],
  )
  const [unknown] = readPairs(Buffer.from('unit,candidateQuality,candidateCostUsd\na,1,null\n'), 's', new Date()).scores
  equal(unknown!.candidateCostUsd, null)
})

test('text that is neither JSON lines nor CSV is told with its line', () => {
  match(mistakesIn('{"unit": "a", "candidateQuality": NaN}\n'), /line 1 .*not a JSON object.*JSON has no NaN/)
  match(mistakesIn('unit,candidateQuality\na,1,2\n'), /not CSV, nor one JSON object a line.*line 2/)
})

test('many mistakes are counted, and the first are told', () => {
  const lines = Array.from({ length: 30 }, (_, number) => ({ ...first, unit: `u${number}`, candidateQuality: 7 }))
  const message = mistakesIn(jsonl(lines))
  match(message, /and 10 more$/)
  equal(message.split('\n').length, 22)
})

test('whatever a line holds, it is read or refused with its line, never a crash', () => {
  const cell = fc.oneof(fc.constantFrom(null, '', 0, 1, 0.5, -1, 2, '2026-11-01', {}, []), fc.string(), fc.double())
  const names = ['unit', 'at', 'slices', 'candidateQuality', 'controlError', 'controlTtftMs', 'candidateCostUsd', 'x']
  fc.assert(
    fc.property(
      fc.array(fc.record(Object.fromEntries(names.map((name) => [name, cell]))), { maxLength: 4 }),
      (lines) => {
        try {
          equal(read(jsonl(lines)).scores.length, lines.length)
        } catch (err) {
          ok(err instanceof UnderstudyError && /line|is not CSV/.test(err.message), String(err))
        }
      },
    ),
  )
})
