import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { openTopicLog } from '../../../shared/log/open.ts'
import { type TopicLog } from '../../../shared/log/topic-log.ts'
import { silentLogger } from '../../../shared/logger.ts'
import { openNotedState, readNotes } from '../../../shared/limits/noted-state.ts'
import { type Need, type LimitsState } from '../../../shared/limits/limits-state.ts'

async function aLog(context: TestContext): Promise<TopicLog> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-notes-'))
  const log = await openTopicLog({ embedded: join(folder, 'log.db') }, { logger: silentLogger, clientId: 'test' })
  context.after(async () => {
    await log.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return log
}

const open = (log: TopicLog, changes: object = {}): Promise<LimitsState> =>
  openNotedState({ log, logger: silentLogger, heartbeatMs: 50, ...changes })

const aNeed = (budget: Need['budget'] = null, concurrency = 100): Need => ({
  arm: 'mini',
  provider: 'openai',
  armLimits: { concurrency },
  providerLimits: {},
  tokens: 1,
  budget,
})

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5)
}

/** The call, when it is admitted; the wait for the notes of others included. */
async function admitted(state: LimitsState, need: Need): Promise<number> {
  for (;;) {
    const answer = state.admit([need])
    if (answer.kind === 'admitted') return answer.calls[0]!
    await sleep(5)
  }
}

test('a worker that joins others while they write all the time knows what they spent, and starts', async (context) => {
  const log = await aLog(context)
  const one = await open(log)
  await admitted(one, aNeed({ limitUsd: 10, estimateUsd: 9.8 }))
  // As it looks to whoever asks while others write: something has always just come.
  const busy: TopicLog = { ...log, lag: () => Promise.resolve(1) }
  const writing = setInterval(() => void one.markDone({ partition: 0, offset: `${performance.now() | 0}` }, 'e'), 5)
  context.after(() => clearInterval(writing))

  const other = await open(busy)
  assert.equal(other.admit([aNeed({ limitUsd: 10, estimateUsd: 9.8 })]).kind, 'reached')
  assert.ok((await readNotes(busy)).spentUsd('mini') >= 9.8)
  clearInterval(writing)
  await Promise.all([one.close(), other.close()])
})

test('a budget holds for all machines, and after one of them was killed', async (context) => {
  const log = await aLog(context)
  const [one, other] = [await open(log), await open(log)]
  const need = aNeed({ limitUsd: 10, estimateUsd: 9.8 })
  assert.equal(one.admit([need]).kind, 'wait', 'the others are told first')
  await admitted(one, need)
  // Never settled: whoever takes over knows of it all the same.
  await until(() => other.admit([need]).kind === 'reached')
  const third = await open(log)
  assert.equal(third.admit([need]).kind, 'reached')
  await Promise.all([one.close(), other.close(), third.close()])
})

test('what a machine has done is known to the others, and to one that starts later', async (context) => {
  const log = await aLog(context)
  const [one, other] = [await open(log), await open(log)]
  const place = { partition: 3, offset: '9007199254740991' }
  await one.markDone(place, 'exchange-1')
  await until(() => other.isDone(place, 'exchange-1'))
  const third = await open(log)
  assert.ok(third.isDone(place, 'exchange-1'))
  assert.ok(!third.isDone(place, 'exchange-2'), 'a log that was made anew gives its offsets out again')
  await Promise.all([one.close(), other.close(), third.close()])
})

test('each machine has its share of a limit, and more when another leaves', async (context) => {
  const log = await aLog(context)
  const one = await open(log)
  const need = aNeed(null, 4)
  const other = await open(log)
  const admittedAtOnce = (): number => {
    const calls: number[] = []
    for (;;) {
      const answer = one.admit([need])
      if (answer.kind !== 'admitted') break
      calls.push(answer.calls[0]!)
    }
    for (const call of calls) one.settle(call, need, { costUsd: 0, tokens: 0 })
    return calls.length
  }
  await until(() => admittedAtOnce() === 2)
  await other.close()
  await until(() => admittedAtOnce() === 4)
  await one.close()
})

test('a pause and a provider’s wish to be left alone reach every machine, those that start later too', async (context) => {
  const log = await aLog(context)
  const [one, other] = [await open(log), await open(log)]
  one.setPaused('mini', true)
  one.hold({ arm: 'large' }, 60_000)
  one.note('anthropic', 'refused')
  const heard = (state: LimitsState): boolean => {
    const becauseOf = (changes: Partial<Need>): string => {
      const answer = state.admit([{ ...aNeed(), ...changes }])
      return answer.kind === 'wait' ? answer.because : answer.kind
    }
    return (
      becauseOf({}) === 'paused' &&
      becauseOf({ arm: 'large' }) === 'held' &&
      becauseOf({ arm: 'opus', provider: 'anthropic' }) === 'held'
    )
  }
  await until(() => heard(other))
  const later = await open(log)
  assert.ok(heard(later))
  one.setPaused('mini', false)
  await until(() => later.paused().length === 0)
  await Promise.all([one.close(), other.close(), later.close()])
})

test('who is no worker reads from the notes what is paused, left alone and spent', async (context) => {
  const log = await aLog(context)
  const state = await open(log)
  const call = await admitted(state, aNeed({ limitUsd: 10, estimateUsd: 2 }))
  state.settle(call, aNeed({ limitUsd: 10, estimateUsd: 2 }), { costUsd: 2, tokens: null })
  state.setPaused('mini', true)
  state.hold({ provider: 'anthropic' }, 60_000)
  let notes = await readNotes(log)
  while (notes.absenceOf('mini', 'openai') === null || notes.absenceOf('haiku', 'anthropic') === null) {
    notes = await readNotes(log)
  }
  assert.equal(notes.absenceOf('mini', 'openai')?.because, 'paused')
  assert.equal(notes.absenceOf('haiku', 'anthropic')?.because, 'breaker_open')
  assert.equal(notes.absenceOf('haiku', 'openai'), null)
  assert.ok(notes.spentUsd('mini') >= 2)
  await state.close()
})

test('workers of another stage have notes of their own: no share of these limits, none of this budget', async (context) => {
  const log = await aLog(context)
  const replay = await open(log)
  const compare = await open(log, { topic: 'compare-state' })
  const need = aNeed({ limitUsd: 10, estimateUsd: 9.8 }, 2)
  await admitted(replay, need)
  await admitted(compare, need)
  assert.equal(replay.spentUsd('mini'), 9.8)
  await Promise.all([replay.close(), compare.close()])
})
