import { measureExchanges, mergedRequest, type Subject } from './measure.ts'
import { type Started } from './process.ts'
import { type Sample } from './results.ts'
import { type Job } from './rounds.ts'
import { quantile } from './statistics.ts'
import { type Stream, streamsInTurn, streamsTogether } from './streams.ts'
import { requestOf, type RequestOptions } from './wire.ts'

export type Jobs = Job[] | Promise<Job[]>

const intervalMs = 20
const deltas = 64
// Role, deltas, the last one and [DONE].
const frames = deltas + 3

/** As fast as each can, one connection and 32. */
export function closedLoops(subjects: Subject[], provider: Started): Job[] {
  return [1, 32].flatMap((connections) =>
    subjects.map((subject) => ({
      cell: `c=${connections}`,
      subject: subject.name,
      measure: (seconds: number) => measureExchanges(subject, provider, { connections, seconds }),
    })),
  )
}

/** One connection, so that what is seen is the wait for the mirror and not for other exchanges. */
export function deadMirrors(subjects: Subject[], provider: Started): Job[] {
  return subjects.map((subject) => ({
    cell: 'broker',
    subject: subject.name,
    measure: (seconds: number) => measureExchanges(subject, provider, { connections: 1, seconds }),
  }))
}

/** At rates that everybody can hold: how long do exchanges take when nobody is at the limit? */
export function openLoops(subjects: Subject[], provider: Started, capacityPerSecond: number): Job[] {
  return [0.5, 0.75].flatMap((share) =>
    subjects.map((subject) => ({
      cell: `open ${share * 100} %`,
      subject: subject.name,
      measure: (seconds: number) =>
        measureExchanges(subject, provider, { connections: 32, seconds, ratePerSecond: share * capacityPerSecond }),
    })),
  )
}

/** Request bodies from 1 KB to 1 MB. */
export const bodyKiB = [1, 16, 128, 1_024] as const

export function largeBodies(subjects: Subject[], provider: Started): Job[] {
  return subjects.map((subject) => ({
    cell: 'bodies',
    subject: subject.name,
    async measure(seconds: number): Promise<Sample> {
      const sample: Sample = {}
      for (const size of bodyKiB) {
        const sized = { ...subject, request: { ...subject.request, sizeBytes: size * 1_024 } }
        const asked = { connections: 1, seconds: seconds / bodyKiB.length }
        const { p50Us, failed, altered } = await measureExchanges(sized, provider, asked)
        Object.assign(sample, { [`p50Us.${size}`]: p50Us })
        for (const [key, count] of Object.entries({ failed, altered })) sample[key] = (sample[key] ?? 0) + count!
      }
      return sample
    },
  }))
}

/** Time to the first frame with one stream, and the gaps between frames with eight. */
export function streamDelays(subjects: Subject[]): Job[] {
  return subjects.map((subject) => ({
    cell: 'stream',
    subject: subject.name,
    async measure(seconds: number): Promise<Sample> {
      const { url } = subject.target
      const short = await streamsInTurn(url, streamRequest(subject, { deltas: 1, intervalMs: 1 }), seconds)
      const long = streamRequest(subject, { deltas, intervalMs })
      const { streams, broken } = await streamsTogether(url, long, { count: 8, spreadMs: intervalMs })
      const ttftUs = ascending(short.map((stream) => stream.ttftUs))
      const gapsUs = ascending(streams.flatMap((stream) => stream.addedGapsUs))
      return {
        ttftP50Us: quantile(ttftUs, 0.5),
        ttftP99Us: quantile(ttftUs, 0.99),
        gapP50Us: quantile(gapsUs, 0.5),
        gapP99Us: quantile(gapsUs, 0.99),
        broken,
        altered: alteredIn(subject, [...short, ...streams]),
      }
    },
  }))
}

export const manyStreams = 512

export function streamCrowds(subjects: Subject[], provider: Started): Job[] {
  return subjects.map((subject) => ({
    cell: 'streams',
    subject: subject.name,
    async measure(): Promise<Sample> {
      const { started, url, totals } = subject.target
      const request = streamRequest(subject, { deltas, intervalMs })
      const [before, providerBefore, own] = [started.cpu(), provider.cpu(), process.cpuUsage()]
      const startedMs = performance.now()
      const options = { count: manyStreams, spreadMs: 16 * intervalMs }
      const { streams, broken } = await streamsTogether(url, request, options)
      const tookUs = (performance.now() - startedMs) * 1_000
      const { user, system } = process.cpuUsage(own)
      const gapsUs = ascending(streams.flatMap((stream) => stream.gapsUs))
      return {
        broken,
        altered: alteredIn(subject, streams),
        lostFrames: streams.reduce((sum, stream) => sum + Math.max(0, frames - stream.frames), 0),
        stalled: streams.filter((stream) => stream.gapsUs.some((gap) => gap > 10 * intervalMs * 1_000)).length,
        gapP50Us: quantile(gapsUs, 0.5),
        gapP99Us: quantile(gapsUs, 0.99),
        gapMaxUs: gapsUs.at(-1) ?? Number.NaN,
        coreShare: (started.cpu().all - before.all) / tookUs,
        clientShare: (provider.cpu().all - providerBefore.all + user + system) / tookUs,
        residentMiB: started.residentMiB(),
        dropped: (await totals?.())?.dropped ?? 0,
      }
    },
  }))
}

function streamRequest(subject: Subject, wish: { deltas: number; intervalMs: number }): Buffer {
  // Members of the body that every gateway passes on; the provider takes them as its instructions.
  const body = { stream: true, max_tokens: wish.deltas, seed: wish.intervalMs }
  const options: RequestOptions = mergedRequest(subject)
  return requestOf({ ...options, body })
}

function ascending(values: number[]): Float64Array {
  return Float64Array.from(values).toSorted()
}

function alteredIn({ expected }: Subject, streams: Stream[]): number {
  return expected === null ? 0 : streams.filter((stream) => !stream.isIdentical).length
}
