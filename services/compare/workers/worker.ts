import { parentPort, workerData } from 'node:worker_threads'
import { Comparison } from '../../../shared/contracts/comparison.ts'
import { ObservationSet } from '../../../shared/contracts/observation.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { decodeMessage, encodeMessage } from '../../../shared/log/messages.ts'
import { compareSet } from '../compare.ts'
import { keepAlive } from '../own-scorers/keep-alive.ts'
import { type Terms, termsOf } from '../terms.ts'
import { type Answer, type EncodedComparison, type Failure, type Job, type WorkerData } from './protocol.ts'

// The program of a thread that scores: encoded sets in, encoded comparisons out, one set at a time.

const port = parentPort!
const encoder = new TextEncoder()

try {
  const { compare } = workerData as WorkerData
  // The set in hand would be lost with the thread.
  if (compare.scorers.length > 0) keepAlive()
  const terms = await termsOf(workerData as WorkerData)
  port.on('message', (job: Job) => work(job, terms))
  send({ ready: true })
} catch (err) {
  send({ unusable: failureOf(err) })
}

function work({ id, value }: Job, terms: Terms): void {
  try {
    const records = recordsOf(value, terms)
    send(
      { id, records },
      records.map((record) => record.value.buffer as ArrayBuffer),
    )
  } catch (err) {
    send({ id, failure: failureOf(err) })
  }
}

function send(answer: Answer, transfer: ArrayBuffer[] = []): void {
  port.postMessage(answer, transfer)
}

function recordsOf(value: Uint8Array, terms: Terms): EncodedComparison[] {
  const set = decodeMessage(ObservationSet, value)
  return compareSet(set, new Date(), terms).map((comparison) => ({
    key: comparison.conversationId,
    value: encoder.encode(encodeMessage(Comparison, comparison)),
  }))
}

function failureOf(err: unknown): Failure {
  if (err instanceof UnderstudyError) return { code: err.code, message: err.message }
  return err instanceof Error ? err : new Error('a value that is no error was thrown')
}
