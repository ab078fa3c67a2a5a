import { PassThrough } from 'node:stream'
import { type FastifyInstance } from 'fastify'
import { type Changed } from '../../../shared/contracts/session.ts'
import { type Store } from '../../../shared/store/store.ts'
import { type Access } from '../access/access.ts'
import { type Changes } from './changes.ts'

const heartbeatMs = 15_000
/** Who reads nothing for so long is gone. */
const mostUnreadBytes = 65_536

/** `GET /api/v1/events`: server-sent events. Every one ends with the server, with the session, or with whoever listens. */
export function registerEvents(app: FastifyInstance, changes: Changes, access: Access): void {
  const streams = new Set<PassThrough>()
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.end()
    await changes.stop()
  })
  app.get('/api/v1/events', (request, reply) => {
    const stream = new PassThrough()
    const write = (text: string) => {
      if (stream.writableLength > mostUnreadBytes) stream.destroy()
      else if (!stream.writableEnded) stream.write(text)
    }
    let beatAtMs = performance.now()
    const isStillKnown = () => {
      try {
        access.identify(request)
        return true
      } catch {
        return false
      }
    }
    const leave = changes.listen({
      changed: (change) => write(`event: changed\ndata: ${JSON.stringify(change)}\n\n`),
      looked() {
        if (!isStillKnown()) {
          stream.end()
          return
        }
        if (performance.now() - beatAtMs < heartbeatMs) return
        beatAtMs = performance.now()
        write(':\n\n')
      },
    })
    streams.add(stream)
    stream.once('close', () => {
      leave()
      streams.delete(stream)
    })
    reply.raw.once('close', () => stream.destroy())
    // The browser asks again by itself after so long.
    write('retry: 3000\n\n')
    return reply.type('text/event-stream').header('x-accel-buffering', 'no').send(stream)
  })
}

/** Of rows as they lie: one that came twice counts twice until it merges, which is a change, too. */
export async function countsIn(store: Pick<Store, 'query'>): Promise<Pick<Changed, 'exchanges' | 'comparisons'>> {
  const [counts] = await store.query<Pick<Changed, 'exchanges' | 'comparisons'>>(
    'SELECT toFloat64((SELECT count() FROM exchanges)) AS exchanges, toFloat64((SELECT count() FROM comparisons)) AS comparisons',
  )
  return counts!
}
