import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import * as fc from 'fast-check'
import { type LocalStateOptions, openLocalState } from '../../../shared/limits/local-state.ts'
import { type Need, type LimitsState } from '../../../shared/limits/limits-state.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')

function aNeed(changes: Partial<Need> = {}): Need {
  return {
    arm: 'mini',
    provider: 'openai',
    armLimits: { concurrency: 1000 },
    providerLimits: {},
    tokens: 1,
    budget: null,
    ...changes,
  }
}

const withBudget = (limitUsd: number, estimateUsd: number): Need => aNeed({ budget: { limitUsd, estimateUsd } })

/** A state and a clock that stands still until it is set. */
function aState(options: Partial<LocalStateOptions> = {}) {
  const clock = { nowMs: noon }
  return { clock, state: openLocalState({ file: ':memory:', now: () => clock.nowMs, ...options }) }
}

function aFile(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-state-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'log.db-replay')
}

function admitted(state: LimitsState, ...needs: Need[]): number[] {
  const answer = state.admit(needs)
  assert.equal(answer.kind, 'admitted', JSON.stringify(answer))
  return answer.kind === 'admitted' ? answer.calls : []
}

const unknown = { costUsd: null, tokens: null }

test('a budget that is spent is reached, and open again on the next UTC day', () => {
  const { state, clock } = aState()
  const need = withBudget(10, 1)
  state.settle(admitted(state, need)[0]!, need, { costUsd: 12, tokens: null })
  assert.deepEqual(state.admit([need]), { kind: 'reached', arms: ['mini'] })
  assert.equal(state.spentUsd('mini'), 12)
  clock.nowMs = Date.parse('2026-03-02T00:00:00Z')
  admitted(state, need)
})

test('a call whose cost is unknown costs its estimate, and settles once', () => {
  const { state } = aState()
  const need = withBudget(10, 8)
  const [call] = admitted(state, need)
  state.settle(call!, need, unknown)
  state.settle(call!, need, { costUsd: 100, tokens: null })
  assert.equal(state.spentUsd('mini'), 8)
})

test('where only calls in flight stand in the way, the next one waits to see what they cost', () => {
  const { state } = aState()
  const [first] = admitted(state, withBudget(10, 8))
  assert.deepEqual(state.admit([withBudget(10, 5)]), { kind: 'wait', because: 'budget', retryInMs: null })
  state.settle(first!, withBudget(10, 8), { costUsd: 1, tokens: null })
  admitted(state, withBudget(10, 5))
})

test('one call larger than what is left is still made, so that the budget can be spent', () => {
  admitted(aState().state, withBudget(1, 5))
})

test('law: however calls overlap, spending passes the limit by one call at most', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ costUsd: fc.double({ min: 0.01, max: 3, noNaN: true }), ends: fc.nat(5) }), {
        maxLength: 40,
      }),
      fc.double({ min: 0.5, max: 20, noNaN: true }),
      (calls, limitUsd) => {
        const { state } = aState()
        const inFlight: { call: number; need: Need; costUsd: number }[] = []
        let spentUsd = 0
        for (const { costUsd, ends } of calls) {
          const need = withBudget(limitUsd, costUsd)
          const answer = state.admit([need])
          if (answer.kind === 'admitted') {
            inFlight.push({ call: answer.calls[0]!, need, costUsd })
            spentUsd += costUsd
          }
          for (const each of inFlight.splice(0, ends))
            state.settle(each.call, each.need, { ...unknown, costUsd: each.costUsd })
        }
        assert.ok(spentUsd <= limitUsd + 3, `spent ${spentUsd} of ${limitUsd}`)
      },
    ),
    { numRuns: 50 },
  )
})

test('two workers of one file share places, rates, budgets and pauses', async (context) => {
  const file = aFile(context)
  const [one, other] = [openLocalState({ file }), openLocalState({ file })]
  const need = { ...withBudget(10, 6), armLimits: { concurrency: 2, requestsPerMinute: 1 } }
  admitted(one, need)
  assert.deepEqual(other.admit([need]), { kind: 'wait', because: 'budget', retryInMs: null })
  const free = { ...need, budget: null }
  const answer = other.admit([free])
  assert.equal(answer.kind === 'wait' && answer.because, 'rate')
  admitted(other, { ...free, armLimits: { concurrency: 2 } })
  assert.deepEqual(one.admit([free]), { kind: 'wait', because: 'place', retryInMs: null })
  one.setPaused('mini', true)
  assert.deepEqual(other.admit([free]), { kind: 'wait', because: 'paused', retryInMs: null })
  await Promise.all([one.close(), other.close()])
})

test('what could not be written is written with the next transaction, once', async (context) => {
  const file = aFile(context)
  const [state, other] = [openLocalState({ file }), openLocalState({ file })]
  const database = new DatabaseSync(file)
  context.after(() => database.close())
  const need = { ...withBudget(100, 9), armLimits: { concurrency: 1 } }
  const [call] = admitted(state, need)

  database.exec('ALTER TABLE calls RENAME TO elsewhere')
  state.settle(call!, need, { costUsd: 4, tokens: null })
  for (let turn = 0; turn < 3; turn++) await nextTurn()
  assert.throws(() => state.admit([need]), { code: 'LOG_UNAVAILABLE' })
  database.exec('ALTER TABLE elsewhere RENAME TO calls')

  admitted(state, need)
  assert.equal(other.spentUsd('mini'), 4 + 9)
  await Promise.all([state.close(), other.close()])
})

test('of what is asked together nothing happened where one part fails', async (context) => {
  const file = aFile(context)
  const [state, other] = [openLocalState({ file }), openLocalState({ file })]
  const need = withBudget(100, 9)
  const attempt = (): void =>
    state.together(() => {
      admitted(state, need)
      throw new Error('no')
    })
  assert.throws(attempt)
  assert.deepEqual([state.spentUsd('mini'), other.spentUsd('mini')], [0, 0])
  const calls = state.together(() => [...admitted(state, need), ...admitted(state, need)])
  assert.deepEqual([calls.length, other.spentUsd('mini')], [2, 18])
  await Promise.all([state.close(), other.close()])
})

test('a settled call is in the file two turns later, with no other call to take it along', async (context) => {
  const file = aFile(context)
  const [state, other] = [openLocalState({ file }), openLocalState({ file })]
  const need = withBudget(100, 9)
  state.settle(admitted(state, need)[0]!, need, { costUsd: 4, tokens: null })
  assert.equal(other.spentUsd('mini'), 9)
  await nextTurn()
  await nextTurn()
  await nextTurn()
  assert.equal(other.spentUsd('mini'), 4)
  await Promise.all([state.close(), other.close()])
})

test('what was spent and paused is known after a restart', async (context) => {
  const file = aFile(context)
  const first = openLocalState({ file })
  const need = withBudget(10, 9)
  first.settle(admitted(first, need)[0]!, need, { costUsd: 10, tokens: null })
  first.setPaused('large', true)
  await first.close()
  const second = openLocalState({ file })
  assert.deepEqual(second.admit([need]), { kind: 'reached', arms: ['mini'] })
  assert.deepEqual(second.paused(), ['large'])
  await second.close()
})

test('what a dead worker had in flight counts as spent, and its places are free again', async (context) => {
  const file = aFile(context)
  const clock = { nowMs: noon }
  const options = { file, leaseMs: 1000, now: () => clock.nowMs }
  const need = { ...withBudget(10, 7), armLimits: { concurrency: 1 } }
  const dead = openLocalState(options)
  const [call] = admitted(dead, need)
  clock.nowMs += 2000
  // Another worker's start is a look around.
  const living = openLocalState(options)
  assert.equal(living.spentUsd('mini'), 7)
  admitted(living, { ...need, budget: { limitUsd: 10, estimateUsd: 1 } })
  // It was alive after all: what it used is in the books already.
  dead.settle(call!, need, { costUsd: 7, tokens: null })
  assert.equal(living.spentUsd('mini'), 8)
  await Promise.all([dead.close(), living.close()])
})

test('all arms of an exchange are admitted, or none', () => {
  const { state } = aState()
  const full = aNeed({ arm: 'full', armLimits: { concurrency: 1 } })
  admitted(state, full)
  const single = aNeed({ armLimits: { concurrency: 1 } })
  assert.equal(state.admit([single, full]).kind, 'wait')
  admitted(state, single)
})

test('a provider’s limits hold for all its arms together', () => {
  const { state } = aState()
  const providerLimits = { concurrency: 3 }
  admitted(state, aNeed({ arm: 'a', providerLimits }), aNeed({ arm: 'b', providerLimits }))
  assert.equal(state.admit([aNeed({ arm: 'a', providerLimits }), aNeed({ arm: 'b', providerLimits })]).kind, 'wait')
  admitted(state, aNeed({ arm: 'c', providerLimits }))
  admitted(state, aNeed({ provider: 'elsewhere' }))
})

test('an exchange with more arms than its provider has places is asked alone', () => {
  const { state } = aState()
  const needs = ['a', 'b'].map((arm) => aNeed({ arm, providerLimits: { concurrency: 1 } }))
  admitted(state, ...needs)
  assert.equal(state.admit(needs).kind, 'wait')
})

test('a call larger than the bucket passes alone, and the next one waits for it', () => {
  const { state, clock } = aState()
  const large = aNeed({ armLimits: { concurrency: 10, tokensPerMinute: 600 }, tokens: 1200 })
  admitted(state, large)
  const answer = state.admit([large])
  assert.ok(
    answer.kind === 'wait' && answer.retryInMs! > 109_000 && answer.retryInMs! < 121_000,
    JSON.stringify(answer),
  )
  clock.nowMs += 121_000
  admitted(state, large)
})

test('tokens that were counted too high are given back', () => {
  const { state } = aState()
  const need = aNeed({ armLimits: { concurrency: 10, tokensPerMinute: 600 }, tokens: 10_000 })
  const [call] = admitted(state, need)
  state.settle(call!, need, { costUsd: null, tokens: 0 })
  admitted(state, need)
})

test('a clock that is set back lengthens no wait', () => {
  const { state, clock } = aState()
  const need = aNeed({ armLimits: { concurrency: 10, requestsPerMinute: 60 } })
  for (let nth = 0; nth < 10; nth++) admitted(state, need)
  clock.nowMs -= 3_600_000
  const answer = state.admit([need])
  assert.ok(answer.kind === 'wait' && answer.retryInMs! <= 1_001, JSON.stringify(answer))
})

test('an arm that was held lets nothing through before its time', () => {
  const { state, clock } = aState()
  state.hold({ arm: 'mini' }, 60)
  state.hold({ arm: 'mini' }, 10)
  assert.deepEqual(state.admit([aNeed()]), { kind: 'wait', because: 'held', retryInMs: 60 })
  assert.equal(state.retry(aNeed()), 60)
  clock.nowMs += 60
  admitted(state, aNeed())
})

test('law: in any minute no more requests start than the rate and ten seconds’ worth of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 6, max: 600 }), fc.array(fc.nat(2000), { maxLength: 300 }), (perMinute, stepsMs) => {
      const { state, clock } = aState()
      const need = aNeed({ armLimits: { concurrency: 10_000, requestsPerMinute: perMinute } })
      const startedMs: number[] = []
      for (const stepMs of stepsMs) {
        clock.nowMs += stepMs
        if (state.admit([need]).kind === 'admitted') startedMs.push(clock.nowMs)
      }
      for (const fromMs of startedMs) {
        const inMinute = startedMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + 60_000).length
        assert.ok(inMinute <= perMinute + Math.max(1, perMinute / 6) + 1, `${inMinute} of ${perMinute}`)
      }
    }),
    { numRuns: 30 },
  )
})

test('five failures in a row leave a provider alone, for longer each time, and a success ends it', () => {
  const { state, clock } = aState()
  for (let nth = 0; nth < 4; nth++) assert.equal(state.note('openai', 'failed'), null)
  assert.equal(state.note('openai', 'failed'), 30_000)
  assert.deepEqual(state.admit([aNeed()]), { kind: 'wait', because: 'held', retryInMs: 30_000 })
  // It was under way before.
  assert.equal(state.note('openai', 'failed'), null)
  clock.nowMs += 30_000
  const [probe] = admitted(state, aNeed())
  assert.equal(state.admit([aNeed()]).kind, 'wait')
  assert.equal(state.note('openai', 'failed'), 60_000)
  state.settle(probe!, aNeed(), unknown)
  clock.nowMs += 60_000
  admitted(state, aNeed())
  assert.equal(state.note('openai', 'well'), null)
  admitted(state, aNeed())
  assert.equal(state.note('openai', 'refused'), 30_000)
})

test('a group on several machines divides every limit by its workers', () => {
  const elsewhere = { workers: () => 4, spentUsd: () => 6, mayReach: () => true }
  const { state } = aState({ elsewhere })
  const need = aNeed({ armLimits: { concurrency: 8, requestsPerMinute: 240 } })
  admitted(state, need)
  admitted(state, need)
  assert.equal(state.admit([need]).kind, 'wait')
  assert.deepEqual(state.admit([withBudget(6, 1)]), { kind: 'reached', arms: ['mini'] })
})

const minute = 60_000
const one = aNeed({ arm: 'one', provider: 'a' })
const other = aNeed({ arm: 'other', provider: 'b' })
const control = aNeed({ arm: 'control', provider: 'b' })

function fails(state: LimitsState, provider: string): void {
  for (let nth = 0; nth < 5; nth++) state.note(provider, 'failed')
}

test('a paused candidate is waited for, and passed over when it has been away for too long', () => {
  const { state, clock } = aState()
  state.setPaused('one', true)
  clock.nowMs += 9 * minute
  state.setPaused('one', true)
  assert.equal(state.admit([control, one, other], 10 * minute).kind, 'wait')
  clock.nowMs += minute
  const away = { kind: 'away', arms: new Map([['one', 'paused']]) }
  assert.deepEqual(state.admit([control, one, other], 10 * minute), away)
  assert.equal(state.admit([control, one, other]).kind, 'wait')
  state.setPaused('one', false)
  admitted(state, control, one, other)
})

test('nobody is passed over where no candidate could go on, or the control is away', () => {
  const { state, clock } = aState()
  state.setPaused('one', true)
  clock.nowMs += 60 * minute
  assert.equal(state.admit([control, one], minute).kind, 'wait')
  assert.equal(state.admit([one], minute).kind, 'wait')
  state.setPaused('control', true)
  assert.equal(state.admit([control, one, other], minute).kind, 'wait')
})

test('a provider that stays away counts as away from its first failures, and its next answer ends that', () => {
  const { state, clock } = aState()
  fails(state, 'a')
  const sinceMs = clock.nowMs
  assert.deepEqual(state.absenceOf('one', 'a'), { because: 'breaker_open', sinceMs })
  clock.nowMs += 31_000
  // One exchange tries it, and finds it as it was; meanwhile the others are no better off.
  const [call] = admitted(state, one)
  assert.equal(state.admit([one, other], 30_000).kind, 'away')
  state.note('a', 'failed')
  state.settle(call!, one, unknown)
  clock.nowMs += 30_000
  assert.deepEqual(state.absenceOf('one', 'a'), { because: 'breaker_open', sinceMs })
  assert.deepEqual(state.admit([one, other], minute), { kind: 'away', arms: new Map([['one', 'breaker_open']]) })
  state.note('a', 'well')
  assert.equal(state.absenceOf('one', 'a'), null)
})
