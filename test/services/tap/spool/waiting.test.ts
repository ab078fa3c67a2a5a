import { deepEqual } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import * as fc from 'fast-check'
import { addTo, type Counts, groupOf } from '../../../../services/tap/ledger.ts'
import { noteBegun, noteWaiting, readWaiting, waitingOf } from '../../../../services/tap/spool/waiting.ts'

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-waiting-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const someKey = fc.record({
  hourMs: fc.constantFrom(0, 3_600_000),
  upstream: fc.constantFrom('openai', 'anthropic'),
  route: fc.constant('default'),
})

test('what is read is all that was noted, but for the copies that the journal covers', async (context) => {
  const folder = folderOf(context)
  const cases = fc.asyncProperty(fc.array(someKey), fc.nat(20), fc.nat(40), async (keys, from, copies) => {
    await noteWaiting(folder, waitingOf(from, keys))
    const expected = Object.create(null) as Counts
    for (const key of keys.slice(Math.max(0, copies - from))) addTo(expected, groupOf(key), 1)
    deepEqual(readWaiting(folder, copies), expected)
  })
  await fc.assert(cases)
})

test('each copy counts once, whether the answering thread told of it, the mirror, or both', async (context) => {
  const cases = fc.asyncProperty(
    fc.array(someKey),
    fc.nat(20),
    fc.nat(20),
    fc.nat(40),
    fc.nat(40),
    async (keys, from, begunFrom, begun, copies) => {
      const folder = folderOf(context)
      await noteWaiting(folder, waitingOf(from, keys.slice(from)))
      noteBegun(folder, waitingOf(begunFrom, keys.slice(begunFrom, begun)))
      const isTold = (at: number) => at >= from || (at >= begunFrom && at < begun)
      const expected = Object.create(null) as Counts
      for (const [at, key] of keys.entries()) if (at >= copies && isTold(at)) addTo(expected, groupOf(key), 1)
      // Notes never leave a gap: each begins where a journal ended.
      fc.pre(begunFrom <= copies && from <= copies)
      deepEqual(readWaiting(folder, copies), expected)
    },
  )
  await fc.assert(cases)
})

test('nothing was noted where there is no note, or one that cannot be read', (context) => {
  const folder = folderOf(context)
  deepEqual(readWaiting(folder, 0), Object.create(null))
  for (const name of ['waiting', 'begun']) writeFileSync(join(folder, name), '{"from":0,"ru')
  deepEqual(readWaiting(folder, 0), Object.create(null))
})
