import { createServer } from 'node:net'
import { type Config } from '../../../shared/config/schema.ts'
import { type TopicLog } from '../../../shared/log/topic-log.ts'
import { type PriceBook } from '../../../shared/pricing/price-book.ts'
import { type Store } from '../../../shared/store/store.ts'
import { type Check, fail, ok, reasonOf, warn } from './check.ts'

/** Opens the part, asks it whether it is there, and closes it again. Its own errors carry their cure. */
export async function checkPart(
  name: string,
  place: string,
  open: () => Promise<Pick<TopicLog | Store, 'ping' | 'close'>>,
  timeoutMs: number,
): Promise<Check> {
  try {
    const part = await open()
    try {
      await part.ping(timeoutMs)
    } finally {
      await part.close()
    }
    return ok(name, `${place} answers`)
  } catch (err) {
    const message = err instanceof Error ? err.message : String(err)
    // Most messages name the place themselves.
    const detail = message.includes(place) ? message : `${place}: ${message}`
    return fail(name, detail, `the line above says what is in the way; see ${name} in the config`)
  }
}

/** `listen` as `host:port`. */
export async function checkPort(key: string, listen: string): Promise<Check> {
  const title = `port ${listen}`
  const at = listen.lastIndexOf(':')
  const [host, port] = [listen.slice(0, at).replace(/^\[|\]$/g, ''), Number(listen.slice(at + 1))]
  try {
    await tryToListen(host, port)
    return ok(title, `free for ${key}`)
  } catch (err) {
    const reason = reasonOf(err)
    if (reason === 'EADDRINUSE') {
      const cure = `if Understudy is running, all is well; else stop what listens there, or change ${key}`
      return warn(title, `something listens there already`, cure)
    }
    return fail(title, `${key} cannot be listened on (${reason})`, `change ${key} to an address of this machine`)
  }
}

function tryToListen(host: string, port: number): Promise<void> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => server.close(() => resolve()))
  })
}

/** Has each candidate a price today? Without one its cost gate cannot be passed. */
export function checkPrices(config: Config, open: () => PriceBook, now: Date): Check[] {
  let prices: PriceBook
  try {
    prices = open()
  } catch (err) {
    return [fail('prices', (err as Error).message, 'correct the price file, or set prices: builtin')]
  }
  return config.candidates.map(({ name, model }) => {
    const title = `price ${name}`
    const costUsd = prices.costUsd({ model, usage: millionEach, at: now, serviceTier: null })
    if (costUsd !== null) return ok(title, `${model} is priced`)
    const cure = 'add it to a price file and name that under prices; until then its cost gate has no evidence'
    return warn(title, `${model} has no price on ${now.toISOString().slice(0, 10)}`, cure)
  })
}

const millionEach = {
  inputTokens: 1_000_000,
  cachedInputTokens: 0,
  cacheWriteInputTokens: 0,
  cacheWriteLongInputTokens: 0,
  outputTokens: 1_000_000,
  reasoningTokens: 0,
}
