import { StringDecoder } from 'node:string_decoder'

const maxLineChars = 64 * 1024 ** 2

/** The lines of a stream; of one that is too long, its length is all that is kept (`isCut`). */
export async function* linesOf(input: AsyncIterable<Buffer>): AsyncGenerator<{ text: string; isCut: boolean }> {
  const decoder = new StringDecoder('utf8')
  let [held, size]: [string[], number] = [[], 0]
  const take = () => {
    const line = { text: size > maxLineChars ? '' : held.join(''), isCut: size > maxLineChars }
    ;[held, size] = [[], 0]
    return line
  }
  for await (const bytes of input) {
    const [first = '', ...rest] = decoder.write(bytes).split(/\r?\n/)
    const keep = (piece: string): void => {
      size += piece.length
      if (size <= maxLineChars) held.push(piece)
    }
    keep(first)
    for (const piece of rest) {
      yield take()
      keep(piece)
    }
  }
  if (size > 0) yield take()
}
