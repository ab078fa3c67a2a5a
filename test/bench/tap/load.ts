import { connect, type Socket } from 'node:net'

export type Load = { exchanges: number; seconds: number; latenciesUs: Float64Array; failed: number }

/**
 * Closed loop over raw keep-alive sockets: each connection sends its next request when its answer is whole. Latency is
 * from the write to the last byte.
 */
export async function load(
  url: string,
  options: { connections: number; seconds: number; optOut: boolean },
): Promise<Load> {
  const { hostname, port, pathname } = new URL(url)
  const request = requestOf(pathname === '/' ? '' : pathname, options.optOut)
  const latenciesUs: number[] = []
  let failed = 0
  const startedMs = performance.now()
  const deadlineMs = startedMs + options.seconds * 1000
  const connections = Array.from({ length: options.connections }, () => {
    return new Promise<void>((resolve) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true })
      let finished = false
      const finish = (): void => {
        finished = true
        socket.destroy()
      }
      socket.on('error', () => {})
      socket.on('close', () => {
        if (!finished) failed += 1
        resolve()
      })
      ask(
        socket,
        request,
        (latencyUs) => {
          latenciesUs.push(latencyUs)
          return performance.now() < deadlineMs
        },
        finish,
      )
    })
  })
  await Promise.all(connections)
  const seconds = (performance.now() - startedMs) / 1000
  return { exchanges: latenciesUs.length, seconds, latenciesUs: Float64Array.from(latenciesUs).toSorted(), failed }
}

function ask(socket: Socket, request: Buffer, answered: (latencyUs: number) => boolean, finish: () => void): void {
  let [sentMs, got, wanted] = [0, 0, 0]
  const send = (): void => {
    ;[sentMs, got, wanted] = [performance.now(), 0, 0]
    socket.write(request)
  }
  socket.on('data', (piece: Buffer) => {
    if (wanted === 0) wanted = lengthOf(piece)
    got += piece.length
    if (got < wanted) return
    if (answered((performance.now() - sentMs) * 1000)) send()
    else finish()
  })
  socket.on('connect', send)
}

/** The head comes in the first piece: it is small, and written with or before the body. */
function lengthOf(piece: Buffer): number {
  const head = piece.indexOf('\r\n\r\n')
  const length = /content-length: *(\d+)/i.exec(piece.toString('latin1', 0, head))?.[1]
  if (head === -1 || length === undefined || !piece.subarray(0, 15).includes(' 200')) {
    throw new Error(`not the answer that was expected: ${piece.toString('latin1', 0, 200)}`)
  }
  return head + 4 + Number(length)
}

function requestOf(prefix: string, optOut: boolean): Buffer {
  const body = JSON.stringify({
    model: 'gpt-4o',
    messages: [
      { role: 'system', content: 'You answer customers of a shop. Be brief, be kind, promise nothing.' },
      { role: 'user', content: 'Where is my parcel? '.repeat(40) },
    ],
  })
  return Buffer.from(
    `POST ${prefix}/v1/chat/completions HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nauthorization: Bearer sk-bench\r\n${
      optOut ? 'x-understudy: off\r\n' : ''
    }content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** Inverse ECDF. */
export function quantile(sorted: Float64Array, tau: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * tau - 1e-9) - 1)] ?? Number.NaN
}
