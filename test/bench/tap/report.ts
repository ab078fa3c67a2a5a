import { bodyKiB, manyStreams } from './cells.ts'
import { bodySlopes, isMockBound, memoryGrowth, rule, rules, type Ruling, sameness } from './gates.ts'
import { type About, added, type Results, type Sample, series } from './results.ts'
import { median, ratios } from './statistics.ts'

/** The whole run as Markdown, from its results alone. */
export function report(results: Results): string {
  const rulings = rules.map((one) => rule(one, results))
  const sections = [
    '# The tap, beside others',
    aboutRun(results),
    control(results),
    rulingTable('Gates', 'gate', rulings),
    rulingTable('Goals', 'goal', rulings),
    ...Object.keys(results.cells).flatMap((cell) => cellTable(results, cell)),
    memoryTable(results),
    peerTable(results.about),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

function aboutRun({ about }: Results): string {
  const { machine, startedAt, minutes, rounds, seconds, isPinned, loadAverages, stealShare } = about
  const layout = isPinned
    ? 'what is measured has core 1, one worker; the provider and the clients share core 0'
    : '**nothing is pinned: this system has no taskset**'
  return [
    `${machine}. ${startedAt}, ${minutes.toFixed(1)} minutes, ${rounds} rounds of ${seconds} s in random order; ${layout}.`,
    `Load average ${loadAverages.before.toFixed(2)} before, ${loadAverages.after.toFixed(2)} after; steal ${(stealShare * 100).toFixed(1)} %.`,
    'Figures are medians over rounds. Ratios are taken inside each round; `[low, high]` is their 95 % bootstrap interval.',
    loadAverages.before > 0.3 || stealShare > 0.01
      ? '\n**Not a quiet machine: the intervals say how little the medians mean.**'
      : '',
  ].join('\n')
}

function control(results: Results): string {
  const lines = sameness(results).map(({ what, median, low, high, isVoid }) => {
    const text = `- ${what}: ${median.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`
    return isVoid ? `${text} **void: outside 1.00 ± 0.02**` : text
  })
  return lines.length === 0 ? '' : `## Control: the provider against itself, through two ports\n\n${lines.join('\n')}`
}

function rulingTable(title: string, kind: Ruling['kind'], rulings: Ruling[]): string {
  const rows = rulings
    .filter((ruling) => ruling.kind === kind)
    .map(({ id, claim, bound, median, low, high, outcome }) => {
      const wanted = 'atMost' in bound ? `≤ ${figure(bound.atMost)}` : `≥ ${figure(bound.atLeast)}`
      const seen = Number.isNaN(median) ? '–' : `${figure(median)} [${figure(low)}, ${figure(high)}]`
      return [id, claim, wanted, seen, outcome === 'fail' ? '**fail**' : outcome]
    })
  return `## ${title}\n\n${summaryOf(rulings.filter((ruling) => ruling.kind === kind))}\n\n${table(['', 'what', 'bound', 'seen', ''], rows)}`
}

/** For people who read one line. */
function summaryOf(rulings: Ruling[]): string {
  const of = (outcome: Ruling['outcome']): Ruling[] => rulings.filter((ruling) => ruling.outcome === outcome)
  const said = (['fail', 'mock-bound', 'not measured'] as const).flatMap((outcome) => {
    const claims = of(outcome).map(({ claim }) => claim)
    return claims.length === 0 ? [] : [`${outcome}: ${claims.join('; ')}.`]
  })
  const passed = `${of('pass').length} of ${rulings.length} pass (the bad end of the interval decides).`
  return [`**${passed}**`, ...said, 'Mirroring and redaction are on.'].join(' ')
}

type Column = [title: string, cell: (subject: string) => string]

function cellTable(results: Results, cell: string): string[] {
  const of = (metric: string) => (subject: string) => median(series(results, cell, subject, metric))
  const whole = (metric: string) => (subject: string) => figure(of(metric)(subject))
  const percent = (metric: string) => (subject: string) => percentOf(of(metric)(subject))
  const toBare = (metric: string) => (subject: string) =>
    figure(median(ratios(series(results, cell, subject, metric), series(results, cell, 'bare', metric))))
  const more = (metric: string) => (subject: string) =>
    subject === 'direct' ? '' : figure(median(added(results, cell, subject, metric)))
  const wrongs: Column = ['wrong', (subject) => wrong(results.cells[cell]![subject]!)]
  const exchanges: Column[] = [
    ['p50 µs', whole('p50Us')],
    ['p99 µs', whole('p99Us')],
    ['CPU µs, forwarding thread', whole('mainUs')],
    ['CPU µs, all threads', whole('allUs')],
  ]
  const mirrors: Column[] = [
    ['mirrored', percent('mirroredShare')],
    ['in hand at the end', whole('pendingAtEnd')],
  ]
  const overBare: Column[] = [
    ['req/s / bare', toBare('rps')],
    ['CPU / bare, forwarding', toBare('mainUs')],
    ['CPU / bare, all', toBare('allUs')],
  ]
  const clients: Column = [
    'clients’ core',
    (subject) => percent('clientShare')(subject) + (isMockBound(results, cell, subject) ? ' **mock-bound**' : ''),
  ]
  const columns: Record<string, Column[]> = {
    'c=1': [
      ['added p50 µs', more('p50Us')],
      ['added p99 µs', more('p99Us')],
      ...exchanges,
      ...overBare,
      ...mirrors,
      wrongs,
    ],
    'c=32': [['req/s', whole('rps')], ...exchanges, ...overBare, clients, ...mirrors, wrongs],
    broker: [['req/s', whole('rps')], ...exchanges, ...mirrors, wrongs],
    bodies: [
      ...bodyKiB.map((size): Column => [`added p50 µs, ${size} KiB`, more(`p50Us.${size}`)]),
      ['µs for each KiB', (subject) => (subject === 'direct' ? '' : figure(median(bodySlopes(results, subject))))],
      wrongs,
    ],
    stream: [
      ['first frame p50 µs', whole('ttftP50Us')],
      ['first frame p99 µs', whole('ttftP99Us')],
      ['added p99 µs', more('ttftP99Us')],
      ['gap p99 − provider’s, µs', whole('gapP99Us')],
      ['added gap p99 µs', more('gapP99Us')],
      wrongs,
    ],
    streams: [
      ['gap p50 ms', (subject) => figure(of('gapP50Us')(subject) / 1_000)],
      ['gap p99 ms', (subject) => figure(of('gapP99Us')(subject) / 1_000)],
      ['longest gap ms', (subject) => figure(of('gapMaxUs')(subject) / 1_000)],
      ['its core', percent('coreShare')],
      clients,
      ['MiB', whole('residentMiB')],
      wrongs,
    ],
  }
  const openLoop: Column[] = [
    ['answered / due', (subject) => percentOf(of('exchanges')(subject) / of('offered')(subject))],
    ['added p50 µs', more('p50Us')],
    ['added p99 µs', more('p99Us')],
    ...exchanges,
    ...mirrors,
    wrongs,
  ]
  const rows = Object.keys(results.cells[cell]!).map((subject) => {
    return [subject, ...(columns[cell] ?? openLoop).map(([, text]) => text(subject))]
  })
  return [`## ${titleOf(cell)}\n\n${table(['', ...(columns[cell] ?? openLoop).map(([title]) => title)], rows)}`]
}

function titleOf(cell: string): string {
  const titles: Record<string, string> = {
    'c=1': 'One connection, closed loop',
    'c=32': '32 connections, closed loop',
    broker: 'A mirror that does not answer, one connection',
    bodies: 'Large requests, one connection',
    stream: 'Streams: first frame (one at a time), gaps of 20 ms (eight at a time)',
    streams: `${manyStreams} streams at once, 50 frames a second each`,
  }
  return titles[cell] ?? `Fixed rate, ${cell.replace('open ', '')} of the tap’s capacity`
}

/** Everything that should be zero and is not, summed over rounds. */
function wrong(samples: Sample[]): string {
  const names: Record<string, string> = {
    failed: 'failed',
    altered: 'altered',
    broken: 'broken',
    lostFrames: 'frames lost',
    stalled: 'stalled',
    unaccounted: 'not in the ledger',
  }
  const sums = new Map<string, number>()
  for (const [key, value] of samples.flatMap((sample) => Object.entries(sample))) {
    const name = names[key] ?? (key.startsWith('dropped.') ? `dropped: ${key.slice(8)}` : null)
    if (name !== null && value > 0) sums.set(name, (sums.get(name) ?? 0) + value)
  }
  return [...sums].map(([name, sum]) => `${sum} ${name}`).join(', ')
}

function memoryTable(results: Results): string {
  const rows = Object.entries(results.memory).map(([subject, points]) => {
    const growth = memoryGrowth(results, subject)
    const late = points.slice(-Math.ceil(points.length / 3)).map(({ y }) => y)
    const figures = [points[0]!.y, median(late), Math.max(...points.map(({ y }) => y))].map(figure)
    return [subject, ...figures, `${figure(growth.median)} [${figure(growth.low)}, ${figure(growth.high)}]`]
  })
  if (rows.length === 0) return ''
  const titles = ['', 'start MiB', 'last third MiB', 'most MiB', 'growth after the first third, MiB a minute']
  return `## Memory during the closed loops\n\n${table(titles, rows)}`
}

function peerTable({ peers }: About): string {
  const kept = (isKept: boolean | null): string => (isKept === null ? '' : isKept ? 'unchanged' : 'written anew')
  const rows = peers.map(({ name, version, note, missing, keepsRequest, keepsAnswer }) => [
    name,
    version,
    missing === null ? note : `**left out:** ${missing}`,
    kept(keepsRequest),
    kept(keepsAnswer),
  ])
  return `## Who was there\n\nOnly the tap, and nginx where it says so, mirrors anything.\n\n${table(['', 'version', 'how', 'request body', 'answer body'], rows)}`
}

function table(titles: string[], rows: string[][]): string {
  const line = (texts: string[]): string => `| ${texts.join(' | ')} |`
  return [line(titles), `|---|${'--:|'.repeat(titles.length - 1)}`, ...rows.map(line)].join('\n')
}

function percentOf(share: number): string {
  return Number.isNaN(share) ? '' : `${(share * 100).toFixed(0)} %`
}

/** Three digits that mean something. */
function figure(value: number): string {
  if (Number.isNaN(value)) return ''
  if (!Number.isFinite(value)) return '∞'
  const size = Math.abs(value)
  return value.toFixed(size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
}
