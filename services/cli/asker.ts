import { createInterface } from 'node:readline'
import { type Readable, type Writable } from 'node:stream'
import { UnderstudyError } from '../../shared/errors.ts'

export type Asker = {
  /** The line that was answered. USAGE where the input ended (Ctrl-C, Ctrl-D). */
  ask: (question: string, fallback: string) => Promise<string>
  close: () => void
}

/** Asks line by line. Lines that were pasted ahead wait for their question; readline's own `question` would lose them. */
export function createAsker(input: Readable, output: Writable): Asker {
  const lines = createInterface({ input, output })
  const answers = lines[Symbol.asyncIterator]()
  return {
    ask: async (question, fallback) => {
      lines.setPrompt(fallback === '' ? `${question} ` : `${question} [${fallback}] `)
      lines.prompt()
      const { done, value } = await answers.next()
      if (done === true) throw new UnderstudyError('USAGE', 'stopped before the last answer: nothing is written')
      return value
    },
    close: () => lines.close(),
  }
}
