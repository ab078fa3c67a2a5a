import { deepEqual, equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { createLateLog } from '../../../../services/tap/mirror/late-log.ts'
import { UnderstudyError } from '../../../../shared/errors.ts'
import { silentLogger } from '../../../../shared/logger.ts'
import { createMemoryLog, until, valuesOf } from '../tap-kit.ts'

const record = { key: 'k', value: 'v' }
const away = () => Promise.reject(new UnderstudyError('LOG_UNAVAILABLE', 'away'))

test('what is published before the log can be opened waits until it is open and its topics are there', async () => {
  const log = createMemoryLog()
  const steps: string[] = []
  let attempts = 0
  log.prepare = async () => void steps.push('prepared')
  const open = () => ((attempts += 1) < 2 ? away() : Promise.resolve(log))
  const late = createLateLog({ open, logger: silentLogger })

  await late.publish('exchanges', [record]).then(() => steps.push('published'))

  deepEqual([attempts, steps, valuesOf(log, 'exchanges')], [2, ['prepared', 'published'], ['v']])
  await late.close()
})

test('a log that may not be prepared is used as it is', async () => {
  const log = createMemoryLog()
  log.prepare = () => Promise.reject(new UnderstudyError('LOG_REFUSED', 'not allowed'))
  const late = createLateLog({ open: () => Promise.resolve(log), logger: silentLogger })

  await late.publish('exchanges', [record])

  equal(valuesOf(log, 'exchanges').length, 1)
  await late.close()
})

test('a log whose client is broken is opened anew, one whose record is refused is not', async () => {
  const refusing = createMemoryLog(() => Promise.reject(new UnderstudyError('LOG_RECORD_TOO_LARGE', 'too large')))
  const broken = createMemoryLog(away)
  const sound = createMemoryLog()
  let isClosed = false
  broken.close = async () => void (isClosed = true)
  const logs = [refusing, broken, sound]
  const late = createLateLog({ open: () => Promise.resolve(logs[0]!), logger: silentLogger, reopenAfterMs: 0 })

  await rejects(late.publish('exchanges', [record]), { code: 'LOG_RECORD_TOO_LARGE' })
  refusing.publish = away
  logs.shift()
  await rejects(late.publish('exchanges', [record]), { code: 'LOG_UNAVAILABLE' })
  logs.shift()
  await rejects(late.publish('exchanges', [record]), { code: 'LOG_UNAVAILABLE' })
  await late.publish('exchanges', [record])

  await until(() => isClosed)
  deepEqual(valuesOf(sound, 'exchanges'), ['v'])
  await late.close()
})

test('it is up once it is open and prepared, and for as long as it takes what it is given; else it is away', async () => {
  let publishing: () => Promise<void> = away
  const log = createMemoryLog(() => publishing())
  const opened = Promise.withResolvers<typeof log>()
  const late = createLateLog({ open: () => opened.promise, logger: silentLogger })
  deepEqual([late.isUp(), late.isAway()], [false, false])
  opened.resolve(log)
  await until(() => late.isUp())

  await rejects(late.publish('exchanges', [record]), { code: 'LOG_UNAVAILABLE' })
  deepEqual([late.isUp(), late.isAway()], [false, true])

  publishing = () => Promise.resolve()
  await late.publish('exchanges', [record])
  deepEqual([late.isUp(), late.isAway()], [true, false])
  await late.close()
})

test('a log that cannot be opened is away as soon as that is known', async () => {
  const late = createLateLog({ open: away, logger: silentLogger })
  await until(() => late.isAway())
  await late.close()
})

test('closing does not wait for a log that never opens, and ends what waits for it', async () => {
  const late = createLateLog({ open: away, logger: silentLogger })
  const waiting = rejects(late.publish('exchanges', [record]))
  await late.close()
  await waiting
})
