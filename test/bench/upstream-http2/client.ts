// One way to the provider, in a process of its own so that its processor time is its own: `http1`, or sessions of HTTP/2.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Sample } from '../tap/results.ts'
import { quantile } from '../tap/statistics.ts'
import { http1Client, http2Client, type Client } from './clients.ts'

export type Beside = 'nothing' | 'slow reader' | 'uploads' | 'stalls'
export type Asked = { path: string; concurrency: number; seconds: number; beside: Beside }

const warmUpSeconds = 0.4
const betweenUploadsMs = 100
const lateUs = 250_000
const [way, steadyUrl, stallingUrl] = process.argv.slice(2) as [string, string, string]

process.on('message', (asked: Asked) => void measure(asked).then((sample) => process.send!(sample)))
process.send!({ ready: true })

async function measure({ path, concurrency, seconds, beside }: Asked): Promise<Sample> {
  const url = beside === 'stalls' ? stallingUrl : steadyUrl
  const client = way === 'http1' ? http1Client(url) : await http2Client(url, Number(way))
  const stop = startBeside(client, beside)
  await load(client, path, concurrency, warmUpSeconds)
  const before = process.cpuUsage()
  const startedMs = performance.now()
  const latenciesUs = await load(client, path, concurrency, seconds)
  const tookSeconds = (performance.now() - startedMs) / 1_000
  const { user, system } = process.cpuUsage(before)
  stop()
  await client.close()
  return {
    cpuUs: (user + system) / latenciesUs.length,
    p50Us: quantile(latenciesUs, 0.5),
    p99Us: quantile(latenciesUs, 0.99),
    latePercent: (100 * latenciesUs.filter((us) => us >= lateUs).length) / latenciesUs.length,
    perSecond: latenciesUs.length / tookSeconds,
  }
}

/** Closed loops. Latency is from the request to the answer's last byte. */
async function load(client: Client, path: string, concurrency: number, seconds: number): Promise<Float64Array> {
  const latenciesUs: number[] = []
  const deadlineMs = performance.now() + seconds * 1_000
  const loop = () =>
    new Promise<void>((resolve) => {
      const next = () => {
        const startedMs = performance.now()
        if (startedMs >= deadlineMs) return resolve()
        client.exchange(path, () => {
          latenciesUs.push((performance.now() - startedMs) * 1_000)
          next()
        })
      }
      next()
    })
  await Promise.all(Array.from({ length: concurrency }, loop))
  return Float64Array.from(latenciesUs).toSorted()
}

function startBeside(client: Client, beside: Beside): () => void {
  const stopping = new AbortController()
  if (beside === 'slow reader') client.readSlowly()
  if (beside === 'uploads') void upload(client, stopping.signal)
  return () => stopping.abort()
}

async function upload(client: Client, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await new Promise<void>((resolve) => client.upload(resolve))
    await sleep(betweenUploadsMs)
  }
}
