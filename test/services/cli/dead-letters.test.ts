import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resendLetters } from '../../../services/cli/dead-letters.ts'
import { DeadLetter } from '../../../shared/contracts/dead-letter.ts'
import { type LogRecord, type Topic, type TopicLog } from '../../../shared/log/topic-log.ts'

const letter: DeadLetter = {
  version: 1,
  deadLetterId: '00000000-0000-8000-8000-000000000001',
  failedAt: '2026-11-20T10:00:00.000Z',
  group: 'compare',
  topic: 'observations',
  partition: 3,
  offset: '17',
  key: 'conversation-1',
  errorCode: 'MESSAGE_VERSION_UNKNOWN',
  message: 'upgrade this stage first',
  attempts: 2,
  valueBase64: Buffer.from('{"version":2}').toString('base64'),
  resentAt: null,
}

function recorder(): { log: Pick<TopicLog, 'publish'>; published: [Topic, LogRecord[]][] } {
  const published: [Topic, LogRecord[]][] = []
  return { published, log: { publish: async (topic, records) => void published.push([topic, records]) } }
}

test('a letter goes back to its topic byte for byte, and is then settled', async () => {
  const { log, published } = recorder()
  await resendLetters(log, [letter], new Date('2026-11-21T00:00:00Z'))
  const [[topic, [record]], [settledTopic, [settled]]] = published as [[Topic, LogRecord[]], [Topic, LogRecord[]]]
  assert.deepEqual([topic, record!.key, String(record!.value)], ['observations', 'conversation-1', '{"version":2}'])
  assert.equal(settledTopic, 'dead-letters')
  assert.deepEqual(DeadLetter.parse(JSON.parse(String(settled!.value))), {
    ...letter,
    resentAt: '2026-11-21T00:00:00.000Z',
  })
})

test('a record that could not be published is not settled', async () => {
  const settled: Topic[] = []
  const publish = async (topic: Topic): Promise<void> => {
    if (topic === 'observations') throw new Error('the log is away')
    settled.push(topic)
  }
  await assert.rejects(resendLetters({ publish }, [letter]), /the log is away/)
  assert.deepEqual(settled, [])
})

test('a letter that was kept without its record says where the record still is', async () => {
  const { log, published } = recorder()
  await assert.rejects(resendLetters(log, [letter, { ...letter, offset: '18', valueBase64: '' }]), {
    code: 'LOG_RECORD_TOO_LARGE',
    message: /observations, partition 3, offset 18/,
  })
  assert.deepEqual(published, [])
})

test('a record that two groups gave up goes out once, and settles both letters', async () => {
  const { log, published } = recorder()
  const other: DeadLetter = { ...letter, deadLetterId: '00000000-0000-8000-8000-000000000002', group: 'record' }
  const next: DeadLetter = { ...letter, deadLetterId: '00000000-0000-8000-8000-000000000003', offset: '18' }

  assert.equal(await resendLetters(log, [letter, other, next]), 2)

  const sent = published.filter(([topic]) => topic === 'observations')
  const settled = published.flatMap(([topic, records]) => (topic === 'dead-letters' ? records : []))
  assert.equal(sent.length, 2)
  assert.deepEqual(
    settled.map(({ value }) => DeadLetter.parse(JSON.parse(String(value))).deadLetterId),
    [letter, other, next].map(({ deadLetterId }) => deadLetterId),
  )
})
