import { spawnSync } from 'node:child_process'
import { deepEqual, equal, ok } from 'node:assert/strict'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import * as fc from 'fast-check'
import { createLedger, groupOf } from '../../../../services/tap/ledger.ts'
import { headerBytes } from '../../../../services/tap/spool/frame.ts'
import { openSpool, type Spool, type SpoolOptions } from '../../../../services/tap/spool/spool.ts'
import { silentLogger } from '../../../../shared/logger.ts'

const group = groupOf({ hourMs: 0, upstream: 'openai', route: 'default' })
const noCounts = createLedger(async () => {}).state()

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-spool-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function open(folder: string, options: Partial<SpoolOptions> = {}) {
  const dropped: [reason: string, times: number][] = []
  const spool = openSpool({
    folder,
    maxBytes: 1_000_000,
    whenFull: 'drop_newest',
    logger: silentLogger,
    onDropped: (_, times, reason) => dropped.push([reason, times]),
    ...options,
  })
  return { spool, dropped }
}

function append(spool: Spool, ...texts: string[]): boolean[] {
  return texts.map((text) => spool.append({ group, key: 'k', value: Buffer.from(text) }, false) !== null)
}

/** Reads and settles everything. */
function drain(spool: Spool): string[] {
  const texts: string[] = []
  for (let batch = spool.read(100); batch.length > 0; batch = spool.read(100)) {
    for (const { place, record } of batch) {
      texts.push(record.value.toString())
      spool.settle(place)
    }
  }
  return texts
}

/** What a killed process leaves on the disk: everything but its lock. */
function copyOf(context: TestContext, folder: string): string {
  const copy = temporaryFolder(context)
  cpSync(folder, copy, { recursive: true, filter: (file) => !file.endsWith('/lock') })
  return copy
}

function filesIn(folder: string, suffix: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((file) => file.endsWith(suffix))
    .toSorted()
    .map((file) => join(folder, file))
}

test('records come back in order of age, once, and the files go when all their records are settled', (context) => {
  const folder = temporaryFolder(context)
  const { spool, dropped } = open(folder, { maxSegmentBytes: 180 })

  append(spool, 'one', 'two', 'three', 'four')
  equal(filesIn(folder, '.records').length, 2)
  const [first, ...others] = spool.read(1_000_000)
  deepEqual(
    [first, ...others].map((found) => found!.record.value.toString()),
    ['one', 'two', 'three', 'four'],
  )
  deepEqual(spool.read(1_000_000), [])
  for (const { place } of others) spool.settle(place)
  equal(filesIn(folder, '.records').length, 1)
  spool.settle(first!.place)
  deepEqual([filesIn(folder, '.records'), dropped], [[], []])
  spool.close(noCounts)
  deepEqual(readdirSync(folder), [])
})

test('what was not settled is there at the next start, what was settled is not', (context) => {
  const folder = temporaryFolder(context)
  const { spool } = open(folder)
  append(spool, 'one', 'two', 'three', 'four')
  const found = spool.read(1_000_000)
  spool.settle(found[0]!.place)
  spool.settle(found[2]!.place)
  spool.close({ ...noCounts, open: { [group]: 2 } })

  const next = open(folder)
  deepEqual(
    next.spool.inherited().map(({ outstanding }) => outstanding[group]),
    [2],
  )
  deepEqual(drain(next.spool), ['two', 'four'])
  next.spool.close(noCounts)
  deepEqual([readdirSync(folder), next.dropped], [[], []])
})

test('a record in the appender’s own hand is settled by it, and read by nobody', (context) => {
  const { spool, dropped } = open(temporaryFolder(context))
  const place = spool.append({ group, key: 'k', value: Buffer.from('mine') }, true)
  append(spool, 'yours')

  deepEqual(drain(spool), ['yours'])
  equal(spool.hasRecords(), true)
  spool.settle(place!)
  deepEqual([spool.read(1), spool.hasRecords(), dropped], [[], false, []])
  spool.close(noCounts)
})

for (const [whenFull, taken, kept] of [
  ['drop_newest', [true, true, true, false, false], ['a', 'b', 'c']],
  ['drop_oldest', [true, true, true, true, true], ['c', 'd', 'e']],
] as const) {
  test(`a full spool that has to ${whenFull} keeps what fits and tells the rest`, (context) => {
    const { spool, dropped } = open(temporaryFolder(context), { whenFull, maxBytes: 1_000, maxSegmentBytes: 300 })

    deepEqual(append(spool, ...['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(230))), taken)
    deepEqual(
      drain(spool).map((text) => text[0]),
      kept,
    )
    const told = taken.filter((isTaken) => !isTaken).length + dropped.reduce((sum, [, times]) => sum + times, 0)
    equal(told, 2)
    spool.close(noCounts)
  })
}

test('two taps on one folder keep to their own records, and the one that stays does not touch what is held', (context) => {
  const folder = temporaryFolder(context)
  const one = open(folder)
  const other = open(folder)
  append(one.spool, 'one')
  append(other.spool, 'other')

  deepEqual(other.spool.inherited(), [])
  deepEqual([drain(other.spool), drain(one.spool)], [['other'], ['one']])
  one.spool.close(noCounts)
  other.spool.close(noCounts)
})

test('a tap that lives takes over what another leaves: at the second look, and never what somebody holds', (context) => {
  const folder = temporaryFolder(context)
  const gone = open(folder).spool
  const { spool, dropped } = open(folder)
  append(gone, 'one', 'two')
  const adopted = () => spool.adopt().map(({ outstanding }) => outstanding[group])

  deepEqual([adopted(), adopted()], [[], []])
  gone.close({ ...noCounts, open: { [group]: 2 } })
  deepEqual([adopted(), adopted(), adopted()], [[], [2], []])
  deepEqual([drain(spool), dropped], [['one', 'two'], []])
  spool.close(noCounts)
  deepEqual(readdirSync(folder), [])
})

test('a folder that its own tap has taken again between two looks is left to it', (context) => {
  const folder = temporaryFolder(context)
  const { spool } = open(folder)
  const left = { ...noCounts, open: { [group]: 1 } }
  const first = open(folder).spool
  append(first, 'one')
  first.close(left)

  deepEqual(spool.adopt(), [])
  const second = open(folder).spool
  second.save(left)
  second.close(left)
  deepEqual(spool.adopt(), [])
  deepEqual([spool.adopt().length > 0, drain(spool)], [true, ['one']])
  spool.close(noCounts)
})

test('what one tap has taken over the others leave to it, however often they look', (context) => {
  const folder = temporaryFolder(context)
  const taps = [open(folder), open(folder), open(folder)]
  append(taps[0]!.spool, 'one')
  taps[0]!.spool.close({ ...noCounts, open: { [group]: 1 } })
  const others = taps.slice(1)
  const adopted = () => others.flatMap(({ spool }) => spool.adopt())

  deepEqual([adopted().length, open(folder).spool.inherited().length], [0, 1])
  deepEqual([adopted(), adopted()], [[], []])
})

test('a tap killed between its own journal and that of a folder it has taken over counts that folder once', (context) => {
  const folder = temporaryFolder(context)
  const first = open(folder).spool
  append(first, 'one')
  first.close({ ...noCounts, open: { [group]: 3 } })
  const [journal] = filesIn(folder, 'journal')
  const untouched = readFileSync(journal!)
  const second = open(folder).spool
  deepEqual(
    second.inherited().map(({ ledger }) => ledger?.open[group]),
    [3],
  )
  // Its ledger has counted two as lost, and one waits.
  second.save({ ...noCounts, open: { [group]: 1 } })
  writeFileSync(journal!, untouched)

  const third = open(copyOf(context, folder)).spool
  const inherited = third.inherited()
  equal(inherited.length, 2)
  equal(inherited.filter(({ ledger }) => ledger === null).length, 1)
  equal(
    inherited.reduce((sum, { ledger }) => sum + (ledger?.open[group] ?? 0), 0),
    0,
  )
  deepEqual(drain(third), ['one'])
})

test('a tap killed between its own journal and that of a folder it drains publishes nothing of it again', (context) => {
  const folder = temporaryFolder(context)
  const first = open(folder).spool
  append(first, 'one', 'two', 'three')
  first.close({ ...noCounts, open: { [group]: 3 } })
  const second = open(folder).spool
  second.save({ ...noCounts, open: { [group]: 3 } })
  const [journal] = filesIn(folder, 'journal')
  const before = readFileSync(journal!)
  const [one] = second.read(1)
  second.settle(one!.place)
  second.save({ ...noCounts, open: { [group]: 2 } })
  writeFileSync(journal!, before)

  const third = open(copyOf(context, folder)).spool
  deepEqual(
    third.inherited().map(({ ledger, outstanding }) => [ledger === null, outstanding[group] ?? 0]),
    [
      [true, 2],
      [false, 0],
    ],
  )
  deepEqual(drain(third), ['two', 'three'])
})

test('a folder that cannot be read is told once and keeps nobody from the others', (context) => {
  const folder = temporaryFolder(context)
  const told: object[] = []
  const logger = { ...silentLogger, error: (fields: object) => void told.push(fields) } as typeof silentLogger
  const { spool } = open(folder, { logger })
  const name = 'tap-00000000-0000-0000-0000-000000000000'
  mkdirSync(join(folder, name, 'lock'), { recursive: true })
  const gone = open(folder).spool
  append(gone, 'one')
  gone.close({ ...noCounts, open: { [group]: 1 } })

  deepEqual([spool.adopt().length, spool.adopt().length, spool.adopt().length], [0, 1, 0])
  deepEqual(
    told.map((fields) => (fields as { name: string }).name),
    [name],
  )
  spool.close(noCounts)
})

/** Three records on the disk, counted in the journal, as a killed tap leaves them. */
function leaveThree(context: TestContext): { folder: string; file: string; ends: number[] } {
  const source = temporaryFolder(context)
  const { spool } = open(source)
  const ends: number[] = []
  for (const text of ['first', 'second', 'third']) {
    append(spool, text)
    ends.push(readFileSync(filesIn(source, '.records')[0]!).length)
  }
  spool.save({ ...noCounts, open: { [group]: 3 } })
  const folder = copyOf(context, source)
  spool.close(noCounts)
  return { folder, file: filesIn(folder, '.records')[0]!, ends }
}

function lost(dropped: [string, number][]): number {
  ok(dropped.every(([reason]) => reason === 'spool_damaged'))
  return dropped.reduce((sum, [, times]) => sum + times, 0)
}

test('a file cut anywhere in its last record gives the others, and counts what is gone', (context) => {
  const { folder, file, ends } = leaveThree(context)
  const bytes = readFileSync(file)
  for (let end = ends[1]!; end < ends[2]!; end += 1) {
    const cut = copyOf(context, folder)
    writeFileSync(file.replace(folder, cut), bytes.subarray(0, end))
    const { spool, dropped } = open(cut)
    deepEqual(drain(spool), ['first', 'second'])
    equal(lost(dropped), 1)
    spool.close(noCounts)
  }
})

test('whichever bit is flipped, the other records are read and exactly the damaged one is counted', (context) => {
  const { folder, file, ends } = leaveThree(context)
  const bytes = readFileSync(file)
  const journal = readFileSync(join(file, '../journal'))
  // Every fifth: each byte but few is hit, at each of its bits in turn.
  for (let bit = 0; bit < bytes.length * 8; bit += 5) {
    const damaged = Buffer.from(bytes)
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    writeFileSync(file, damaged)
    const { spool, dropped } = open(folder)
    const hit = ends.findIndex((end) => bit >> 3 < end)
    deepEqual(
      drain(spool),
      ['first', 'second', 'third'].filter((_, index) => index !== hit),
    )
    equal(lost(dropped), 1)
    spool.close(noCounts)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(join(file, '../journal'), journal)
  }
})

test('a length that points beyond the file costs its record alone', (context) => {
  const { folder, file, ends } = leaveThree(context)
  const bytes = readFileSync(file)
  bytes.writeUInt32LE(0xffff_ffff, ends[0]! + 4)
  writeFileSync(file, bytes)

  const { spool, dropped } = open(folder)
  deepEqual([drain(spool), lost(dropped)], [['first', 'third'], 1])
  spool.close(noCounts)
})

test('a value full of what looks like a record is a value', (context) => {
  const { spool } = open(temporaryFolder(context))
  const hostile = 'õREC'.repeat(50) + '\n'.repeat(headerBytes) + JSON.stringify(['other group', 'key'])
  append(spool, hostile, 'next')
  deepEqual(drain(spool), [hostile, 'next'])
  spool.close(noCounts)
})

for (const [name, damage] of Object.entries({
  'is missing': (file: string) => rmSync(file),
  'is cut': (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 40)),
  'is of a later version': (file: string) => writeFileSync(file, '0\n{"version":2}'),
  'is empty': (file: string) => writeFileSync(file, ''),
})) {
  test(`where the journal ${name}, every record is read`, (context) => {
    const { folder, file } = leaveThree(context)
    damage(join(file, '../journal'))

    const { spool, dropped } = open(folder)
    equal(spool.inherited()[0]!.outstanding[group], 3)
    deepEqual([drain(spool), dropped], [['first', 'second', 'third'], []])
    spool.close(noCounts)
  })
}

test('foreign files and folders are left alone', (context) => {
  const { folder, file } = leaveThree(context)
  writeFileSync(join(folder, 'notes.txt'), 'mine')
  writeFileSync(join(folder, `tap-${'0'.repeat(36)}`), 'a file, not a folder')
  mkdirSync(join(folder, 'other'))
  copyFileSync(file, join(file, '../copy of 1.records'))

  const { spool } = open(folder)
  deepEqual(drain(spool), ['first', 'second', 'third'])
  spool.close(noCounts)
  deepEqual(readFileSync(join(folder, 'notes.txt'), 'utf8'), 'mine')
})

test('a folder that cannot be made takes nothing, says so once, and is tried again', (context) => {
  const parent = temporaryFolder(context)
  const folder = join(parent, 'spool')
  writeFileSync(folder, 'in the way')
  const told: unknown[] = []
  const logger = Object.assign(Object.create(silentLogger) as typeof silentLogger, {
    error: (...line: unknown[]) => told.push(line),
  })
  const { spool } = open(folder, { logger, retryMs: 0 })

  deepEqual(append(spool, 'one', 'two'), [false, false])
  spool.save(noCounts)
  equal(told.length, 1)
  rmSync(folder)
  deepEqual(append(spool, 'three'), [true])
  deepEqual(drain(spool), ['three'])
  spool.close(noCounts)
})

for (const [name, retryMs, isBroken] of [
  ['takes no more until it has been left alone for a while', 60_000, true],
  ['goes on in a new file, past what the failed write left behind', 0, false],
] as const) {
  test(`a spool whose disk is full in the middle of a record ${name}`, (context) => {
    const folder = temporaryFolder(context)
    const program = new URL('small-disk.ts', import.meta.url).pathname
    // No file may grow beyond 50 or 100 kB, depending on the shell.
    const limited = 'ulimit -f 100 && exec "$0" "$@"'
    const { stdout } = spawnSync('sh', ['-c', limited, process.execPath, program, folder, String(retryMs)])
    const result = JSON.parse(stdout.toString()) as { taken: number[]; isBroken: boolean }

    const { spool, dropped } = open(folder, { maxBytes: 10_000_000 })
    deepEqual(
      drain(spool).map((text) => Number.parseInt(text, 10)),
      result.taken,
    )
    deepEqual([result.isBroken, dropped], [isBroken, []])
    ok(result.taken.length > 40 && result.taken.length < 200)
    spool.close(noCounts)
    deepEqual(readdirSync(folder), [])
  })
}

type Step = { what: 'append'; bytes: number } | { what: 'read' | 'settle' | 'save' | 'kill' }
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('append' as const), bytes: fc.nat(120) }) },
  { weight: 5, arbitrary: fc.record({ what: fc.constantFrom('read' as const, 'settle' as const, 'save' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('kill' as const) }) },
)

test('whatever happens in whatever order, what was safe and not settled comes back, and nothing comes from nowhere', (context) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let folder = temporaryFolder(context)
      let { spool, dropped } = open(folder, { maxSegmentBytes: 200 })
      const appended = new Set<string>()
      const settled = new Set<string>()
      let settledSafely = new Set<string>()
      let hand: ReturnType<Spool['read']> = []
      for (const [index, { what, ...rest }] of steps.entries()) {
        if (what === 'append' && 'bytes' in rest) {
          const text = `${index}:${'x'.repeat(rest.bytes)}`
          append(spool, text)
          appended.add(text)
        } else if (what === 'read') hand.push(...spool.read(150))
        else if (what === 'settle') {
          for (const { place, record } of hand.splice(0, 2)) {
            spool.settle(place)
            settled.add(record.value.toString())
          }
        } else {
          spool.save({ ...noCounts, open: { [group]: 1 } })
          settledSafely = new Set(settled)
          if (what === 'save') continue
          const copy = copyOf(context, folder)
          spool.close(noCounts)
          folder = copy
          ;({ spool, dropped } = open(folder, { maxSegmentBytes: 200 }))
          hand = []
        }
      }
      const before = hand.map(({ record }) => record.value.toString())
      const left = [...before, ...drain(spool)]
      for (const { place } of hand) spool.settle(place)
      equal(new Set(left).size, left.length)
      for (const text of left) ok(appended.has(text) && !settledSafely.has(text))
      for (const text of appended) ok(settled.has(text) || left.includes(text))
      deepEqual([spool.read(1), spool.hasRecords(), dropped], [[], false, []])
      spool.close(noCounts)
    }),
    { numRuns: 60 },
  )
})

test('its depth is what was written and not settled, over restarts', (context) => {
  const folder = temporaryFolder(context)
  const { spool } = open(folder)
  deepEqual(spool.depth(), { records: 0, sizeBytes: 0 })
  append(spool, 'one', 'two', 'three')
  const [first] = spool.read(1)
  spool.settle(first!.place)
  const { records, sizeBytes } = spool.depth()
  equal(records, 2)
  ok(sizeBytes > 3 * headerBytes)
  spool.close(noCounts)

  const again = open(folder).spool
  deepEqual(again.depth(), { records, sizeBytes })
  drain(again)
  deepEqual(again.depth(), { records: 0, sizeBytes: 0 })
  again.close(noCounts)
})
