import { EventEmitter, once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { UnderstudyError } from '../../errors.ts'
import { type DatabaseOptions, type LogDatabase } from './database.ts'
import { type Call, type Reply } from './protocol.ts'

type Pending = { resolve: (result: never) => void; reject: (err: Error) => void }

/** The database in its own thread: a slow disk or a lock held elsewhere never stops this process's event loop. */
export type DatabaseClient = {
  call<Operation extends keyof LogDatabase>(
    operation: Operation,
    args: Parameters<LogDatabase[Operation]>,
    transfer?: ArrayBuffer[],
  ): Promise<ReturnType<LogDatabase[Operation]>>
  /** `changed`: there may be something new to read. `failed`: the thread died, with the error. */
  events: EventEmitter<{ changed: []; failed: [Error] }>
  close(): Promise<void>
}

/** Resolves once the file is open; rejects with the reason it is not usable. */
export async function startDatabase(options: DatabaseOptions): Promise<DatabaseClient> {
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: options })
  const events: DatabaseClient['events'] = new EventEmitter()
  events.setMaxListeners(0)
  const pending = new Map<number, Pending>()
  let lastId = 0
  let isClosed = false
  let closing: Promise<void> | undefined

  worker.on('message', (reply: Reply) => {
    if (reply === 'changed') events.emit('changed')
    else settle(pending, reply)
  })
  worker.on('error', (cause: Error) => fail(new UnderstudyError('INTERNAL', `The log's thread died: ${cause.message}`)))
  worker.on('exit', () => {
    if (!isClosed) fail(new UnderstudyError('INTERNAL', 'The log’s thread ended by itself: start the stage again.'))
    else rejectAll(pending, closedError())
  })

  function fail(err: Error): void {
    isClosed = true
    rejectAll(pending, err)
    events.emit('failed', err)
  }

  function wait<T>(id: number): Promise<T> {
    return new Promise((resolve, reject) => pending.set(id, { resolve, reject }))
  }

  const call: DatabaseClient['call'] = (operation, args, transfer = []) => {
    if (isClosed) return Promise.reject(closedError())
    return send(operation, args, transfer)
  }

  function send<T>(operation: keyof LogDatabase, args: unknown[], transfer: ArrayBuffer[] = []): Promise<T> {
    const id = ++lastId
    const answer = wait<T>(id)
    worker.postMessage({ id, operation, args } satisfies Call, transfer)
    return answer
  }

  /** Calls already made are answered first: the thread works in order. */
  async function shutDown(): Promise<void> {
    if (isClosed) return
    isClosed = true
    const gone = once(worker, 'exit')
    await send('close', [])
    await gone
  }

  try {
    await wait<void>(0)
  } catch (err) {
    isClosed = true
    await worker.terminate()
    throw err
  }
  return { call, events, close: () => (closing ??= shutDown()) }
}

export function closedError(): UnderstudyError {
  return new UnderstudyError('LOG_UNAVAILABLE', 'The log is closed: open it again before using it.')
}

function settle(pending: Map<number, Pending>, { id, result, error }: Exclude<Reply, 'changed'>): void {
  const waiting = pending.get(id)
  pending.delete(id)
  if (error) waiting?.reject(new UnderstudyError(error.code, error.message))
  else waiting?.resolve(result as never)
}

function rejectAll(pending: Map<number, Pending>, err: Error): void {
  for (const { reject } of pending.values()) reject(err)
  pending.clear()
}
