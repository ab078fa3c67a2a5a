export type AnswerEvents = {
  /** A piece of the body, without its framing. */
  data?: (piece: Buffer) => void
  end: (answer: { status: number }) => void
}

/** Reads one HTTP/1.1 answer after the other from a connection; enough of the protocol for well-behaved servers. */
export function createAnswerReader({ data = () => {}, end }: AnswerEvents): (piece: Buffer) => void {
  let waiting: Buffer = Buffer.alloc(0)
  let status = 0
  let left = 0
  let state: 'head' | 'length' | 'chunk-size' | 'chunk' = 'head'

  /** True where it can go on with what it has. */
  function step(): boolean {
    if (state === 'head') return readHead()
    if (state === 'chunk-size') return readChunkSize()
    const piece = waiting.subarray(0, left)
    if (piece.length > 0) data(piece)
    waiting = waiting.subarray(piece.length)
    left -= piece.length
    if (left > 0) return false
    if (state === 'length') finish()
    else state = 'chunk-size'
    return true
  }

  function readHead(): boolean {
    const length = waiting.indexOf('\r\n\r\n')
    if (length === -1) return false
    const head = waiting.toString('latin1', 0, length)
    waiting = waiting.subarray(length + 4)
    status = Number(head.slice(9, 12))
    if (/^transfer-encoding: *chunked/im.test(head)) state = 'chunk-size'
    else [state, left] = ['length', Number(/^content-length: *(\d+)/im.exec(head)?.[1])]
    if (Number.isNaN(left)) throw new Error(`an answer without framing: ${head}`)
    if (state === 'length' && left === 0) finish()
    return true
  }

  function readChunkSize(): boolean {
    // The line end of the chunk before belongs to this line.
    const start = waiting[0] === 13 ? 2 : 0
    const length = waiting.indexOf('\r\n', start)
    if (length === -1) return false
    const size = Number.parseInt(waiting.toString('latin1', start, length), 16)
    if (size === 0) {
      if (waiting.length < length + 4) return false
      waiting = waiting.subarray(length + 4)
      finish()
      return true
    }
    waiting = waiting.subarray(length + 2)
    ;[state, left] = ['chunk', size]
    return true
  }

  function finish(): void {
    state = 'head'
    end({ status })
  }

  return (piece) => {
    waiting = waiting.length === 0 ? piece : Buffer.concat([waiting, piece])
    while (waiting.length > 0 && step());
  }
}
