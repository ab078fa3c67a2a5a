import { sha256Hex } from '../../../shared/ids.ts'
import { type Asked } from './ask.ts'
import { type Question } from './prompt.ts'

/** Enough for several batches handed over again, at some 200 bytes each. */
const mostRemembered = 5_000

export type RememberedVerdicts = {
  /**
   * What was said to the same question before, also where the answer is still on its way; else asks. Only who paid for it
   * is told what it cost, however often it is told: a pair that comes again costs what it did the first time, and costs nobody else.
   */
  ask(question: Question, payer: string, ask: () => Promise<Asked>): Promise<Asked>
}

export function createRememberedVerdicts(): RememberedVerdicts {
  const known = new Map<string, { payer: string; asked: Promise<Asked> }>()
  return {
    async ask(question, payer, ask) {
      const key = sha256Hex(JSON.stringify(Object.values(question)))
      const found = known.get(key)
      if (found !== undefined) {
        const asked = await found.asked
        return found.payer === payer ? asked : { ...asked, costUsd: 0 }
      }
      const asked = ask()
      known.set(key, { payer, asked })
      if (known.size > mostRemembered) known.delete(known.keys().next().value!)
      // A question without a verdict is asked again when its pair comes again.
      const forget = (): void => void (known.get(key)?.asked === asked && known.delete(key))
      asked.then(({ verdict }) => verdict === null && forget(), forget)
      return await asked
    },
  }
}
