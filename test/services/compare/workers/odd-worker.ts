import { parentPort, workerData } from 'node:worker_threads'

// A thread that does what it is handed: for what the pool makes of threads that fail.

const port = parentPort!

port.on('message', ({ id, value }: { id: number; value: Uint8Array }) => {
  const order = Buffer.from(value).toString()
  if (order === 'spin') for (;;);
  if (order === 'exit') process.exit(3)
  if (order === 'crash') {
    setImmediate(() => {
      throw new RangeError('a secret answer')
    })
    return
  }
  if (order === 'fail') return port.postMessage({ id, failure: new TypeError('no such thing') })
  if (order === 'refuse')
    return port.postMessage({ id, failure: { code: 'MESSAGE_MALFORMED', message: 'is malformed' } })
  port.postMessage({ id, records: [{ key: order, value }] }, [value.buffer as ArrayBuffer])
})

if (workerData === 'broken') port.postMessage({ unusable: { code: 'CONFIG_INVALID', message: 'cannot work: mend it' } })
else if (workerData === 'dead') process.exit(1)
else port.postMessage({ ready: true })
