import { Command } from 'commander'
import { type Config } from '../../shared/config/schema.ts'
import { DeadLetter } from '../../shared/contracts/dead-letter.ts'
import { isWithheld } from '../../shared/encryption/sealed-store.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { openTopicLog } from '../../shared/log/open.ts'
import { type Topic, type TopicLog, topics } from '../../shared/log/topic-log.ts'
import { createLogger } from '../../shared/logger.ts'
import { type Store } from '../../shared/store/store.ts'
import { writeAudit } from './audit-trail.ts'
import { command, type CommonOptions, configOf, print } from './command.ts'
import { withReader } from './reader.ts'

const columns = `
  toString(dead_letter_id) AS deadLetterId,
  formatDateTime(failed_at, '%Y-%m-%dT%H:%i:%S.', 'UTC') || leftPad(toString(toUnixTimestamp64Milli(failed_at) % 1000), 3, '0') || 'Z' AS failedAt,
  consumer_group AS \`group\`, topic, partition, offset, key, error_code AS errorCode, message, attempts`

type Listed = Omit<DeadLetter, 'version' | 'valueBase64' | 'resentAt'>

export function deadLettersCommand(): Command {
  const list = command('list', 'the letters that wait, newest first').action(async (options: CommonOptions) => {
    const letters = await withReader(configOf(options), listLetters)
    print(options, letters, describeList(letters))
  })
  const show = command('show', 'one letter with its record')
    .argument('<id>')
    .action(async (id: string, options: CommonOptions) => {
      const [letter] = await withReader(configOf(options), (store) => readLetters(store, [id]))
      if (letter === undefined) throw unknownLetter(id)
      print(options, letter, describeLetter(letter))
    })
  const resend = command('resend', 'publish records again, after their cause is mended')
    .argument('[ids...]')
    .option('--all', 'every letter that waits')
    .action(async (ids: string[], options: CommonOptions & { all?: boolean }) => {
      if (ids.length === 0 && options.all !== true) {
        throw new UnderstudyError(
          'USAGE',
          'name the letters to send again (understudy dead-letters list shows ids), or --all',
        )
      }
      const config = configOf(options)
      const letters = await withReader(config, (store) => readLetters(store, options.all === true ? null : ids))
      for (const id of ids) if (!letters.some((letter) => letter.deadLetterId === id)) throw unknownLetter(id)
      const sendable = options.all === true ? letters.filter(({ valueBase64 }) => valueBase64 !== '') : letters
      const records = await resendAll(config, sendable)
      const sent = sendable.map(({ deadLetterId }) => deadLetterId)
      if (sent.length > 0)
        await writeAudit(config, {
          action: 'resent',
          subject: 'dead letters',
          details: { records, letters: sent.slice(0, 100) },
        })
      print(
        options,
        { records, resent: sent },
        describeResent(records, sendable.length, letters.length - sendable.length),
      )
    })
  // The options are those of the commands below: a parent with the same ones would take them away from them.
  const parent = new Command('dead-letters').description(
    'records that a stage could not process: list | show ID | resend',
  )
  return parent.addCommand(list).addCommand(show).addCommand(resend)
}

function listLetters(store: Store): Promise<Listed[]> {
  return store.query<Listed>(
    `SELECT ${columns} FROM dead_letters_unique WHERE resent_at IS NULL ORDER BY failed_at DESC LIMIT 1000`,
  )
}

async function readLetters(store: Store, ids: string[] | null): Promise<DeadLetter[]> {
  const rows = await store.query<Listed & { valueBase64: string }>(
    `SELECT ${columns}, value_base64 AS valueBase64 FROM dead_letters_unique
     WHERE resent_at IS NULL AND ({all:Bool} OR has({ids:Array(String)}, toString(dead_letter_id)))`,
    { all: ids === null, ids: ids ?? [] },
  )
  const closed = rows.find(({ valueBase64 }) => isWithheld(valueBase64))
  if (closed !== undefined) throw new UnderstudyError('ENCRYPTION_KEY_MISSING', closed.valueBase64)
  return rows.map((row) => DeadLetter.parse({ version: 1, resentAt: null, ...row }))
}

async function resendAll(config: Config, letters: DeadLetter[]): Promise<number> {
  const log = await openTopicLog(config.log, {
    logger: createLogger('dead-letters', 'warn'),
    clientId: 'understudy-cli',
  })
  try {
    return await resendLetters(log, letters)
  } finally {
    await log.close()
  }
}

/**
 * Returns how many records went out. Two groups may have given up the same record, and each reads what is sent again:
 * such a record goes out once, or each `resend` that mends nothing would double what waits.
 */
export async function resendLetters(
  log: Pick<TopicLog, 'publish'>,
  letters: readonly DeadLetter[],
  now = new Date(),
): Promise<number> {
  for (const letter of letters) if (letter.valueBase64 === '') throw keptWithoutRecord(letter)
  const records = Object.values(
    Object.groupBy(letters, ({ topic, partition, offset }) => `${topic}/${partition}/${offset}`),
  )
  for (const ofRecord of records) await resendRecord(log, ofRecord!, now)
  return records.length
}

/** The record first, then its settled letters: a crash in between sends the record twice, which is counted once. */
async function resendRecord(log: Pick<TopicLog, 'publish'>, letters: readonly DeadLetter[], now: Date): Promise<void> {
  const { topic, key, valueBase64 } = letters[0]!
  await log.publish(topicNamed(topic), [{ key, value: Buffer.from(valueBase64, 'base64') }])
  const settled = letters.map((letter): DeadLetter => ({ ...letter, resentAt: now.toISOString() }))
  await log.publish(
    'dead-letters',
    settled.map((letter) => ({ key, value: JSON.stringify(letter) })),
  )
}

function keptWithoutRecord({ deadLetterId, topic, partition, offset }: DeadLetter): UnderstudyError {
  return new UnderstudyError(
    'LOG_RECORD_TOO_LARGE',
    `letter ${deadLetterId} was kept without its record, which was too large: it is still in ${topic}, partition ${partition}, offset ${offset}, while the log keeps it; nothing was sent`,
  )
}

function topicNamed(name: string): Topic {
  const topic = topics.find((known) => known === name)
  if (topic === undefined)
    throw new UnderstudyError('USAGE', `the letter names a topic "${name}" that does not exist here`)
  return topic
}

function unknownLetter(id: string): UnderstudyError {
  return new UnderstudyError('USAGE', `no letter ${id} waits: understudy dead-letters list shows the ones that do`)
}

function describeList(letters: Listed[]): string {
  if (letters.length === 0) return 'no dead letters wait'
  const lines = letters.map(
    (letter) =>
      `${letter.deadLetterId}  ${letter.failedAt}  ${letter.group.padEnd(8)} ${letter.topic.padEnd(12)} ${letter.errorCode}\n    ${letter.message}`,
  )
  return [...lines, '', `${letters.length} waiting: mend the cause, then understudy dead-letters resend --all`].join(
    '\n',
  )
}

function describeResent(records: number, letters: number, left: number): string {
  const sent = `sent again: ${records} ${records === 1 ? 'record' : 'records'}, of ${letters} ${letters === 1 ? 'letter' : 'letters'}`
  return left === 0 ? sent : `${sent}; ${left} left, kept without a record that was too large`
}

function describeLetter(letter: DeadLetter): string {
  const { valueBase64, ...head } = letter
  const lines = Object.entries(head).map(([name, value]) => `${name.padEnd(14)} ${String(value)}`)
  return [...lines, '', printable(Buffer.from(valueBase64, 'base64').toString('utf8').slice(0, 4000))].join('\n')
}

/** Control codes in a record must not reach the terminal. */
function printable(text: string): string {
  return text.replaceAll(/(?![\t\n])\p{Cc}/gu, '\uFFFD')
}
