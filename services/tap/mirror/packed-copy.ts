import { type FinishedCopy } from '../capture.ts'
import { type CopiedBytes, type Piece } from '../copied-bytes.ts'

/**
 * Finished copies on their way to another thread: two values, whatever their number, because each object that crosses
 * costs the thread that answers more than the bytes do.
 */
export type PackedCopies = {
  /** JSON of the copies, with the number of pieces in the place of the pieces. */
  heads: string
  /** Of each piece in turn the time it arrived, then of each its length, then the bytes of all. Moved, not cloned. */
  memory: ArrayBuffer
}

type PackedHead = Omit<FinishedCopy, 'request' | 'answer'> & Record<'request' | 'answer', PackedBody>
type PackedBody = Omit<CopiedBytes, 'pieces'> & { pieces: number }

const bytesPerTime = Float64Array.BYTES_PER_ELEMENT
const bytesPerLength = Uint32Array.BYTES_PER_ELEMENT

/**
 * Copies the bytes once. The pieces themselves cannot be moved: several of them share one piece of memory with each other
 * and with what the sockets may still be sending.
 */
export function packCopies(copies: readonly FinishedCopy[]): PackedCopies {
  const pieces: Piece[] = []
  let sizeBytes = 0
  const pack = (body: CopiedBytes): PackedBody => {
    for (const piece of body.pieces) {
      pieces.push(piece)
      sizeBytes += piece.bytes.length
    }
    return { ...body, pieces: body.pieces.length }
  }
  const heads = copies.map((copy): PackedHead => ({ ...copy, request: pack(copy.request), answer: pack(copy.answer) }))
  return { heads: JSON.stringify(heads), memory: memoryOf(pieces, sizeBytes) }
}

export function unpackCopies({ heads, memory }: PackedCopies): FinishedCopy[] {
  const packed = JSON.parse(heads) as PackedHead[]
  const count = packed.reduce((sum, { request, answer }) => sum + request.pieces + answer.pieces, 0)
  const { times, lengths, bytes } = viewsOf(memory, count)
  let index = 0
  let position = 0
  const unpack = (body: PackedBody): CopiedBytes => {
    const pieces: Piece[] = []
    for (const end = index + body.pieces; index < end; index += 1) {
      pieces.push({ atMs: times[index]!, bytes: bytes.subarray(position, position + lengths[index]!) })
      position += lengths[index]!
    }
    return { ...body, pieces }
  }
  return packed.map((head) => ({ ...head, request: unpack(head.request), answer: unpack(head.answer) }))
}

function memoryOf(pieces: readonly Piece[], sizeBytes: number): ArrayBuffer {
  const memory = new ArrayBuffer(pieces.length * (bytesPerTime + bytesPerLength) + sizeBytes)
  const { times, lengths, bytes } = viewsOf(memory, pieces.length)
  let position = 0
  for (let index = 0; index < pieces.length; index += 1) {
    const piece = pieces[index]!
    times[index] = piece.atMs
    lengths[index] = piece.bytes.length
    bytes.set(piece.bytes, position)
    position += piece.bytes.length
  }
  return memory
}

function viewsOf(memory: ArrayBuffer, count: number) {
  return {
    times: new Float64Array(memory, 0, count),
    lengths: new Uint32Array(memory, count * bytesPerTime, count),
    bytes: new Uint8Array(memory, count * (bytesPerTime + bytesPerLength)),
  }
}
