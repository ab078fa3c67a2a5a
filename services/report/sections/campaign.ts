import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { counted, declaredPercent } from '../words.ts'
import { type SectionOf } from './section.ts'

const minute = (time: string) => `${time.slice(0, 16).replace('T', ' ')} UTC`

/** What was fixed beforehand, and everything that has been tried with this candidate. */
export const campaign: SectionOf = ({ campaign: found, alpha }) => {
  if (found === null) return null
  const { attempts } = found
  return {
    title: 'Campaign',
    sentences: [...whichOne(found), spending(found, alpha), ...leftOut(found)],
    table:
      attempts.length < 2
        ? null
        : {
            columns: [
              { title: 'what changed' },
              { title: 'attempt', isNumber: true },
              { title: 'hash' },
              { title: 'began' },
            ],
            rows: attempts.map(({ attempt, hash, startedAt, changes }) => [
              attempt === 1 ? 'the first' : changes.join('; ') || 'nothing that is known here',
              String(attempt),
              hash,
              startedAt === null ? 'not yet' : minute(startedAt),
            ]),
          },
  }
}

function whichOne({ attempt, hash, startedAt, attempts }: Campaign): string[] {
  const changes = attempts.find((each) => each.attempt === attempt)?.changes ?? []
  const why = attempt === 1 ? '' : `: ${changes.join('; ')}`
  const since =
    startedAt === null
      ? 'it begins when record or report next starts with this config'
      : `fixed at ${minute(startedAt)}, before its evidence`
  const later = attempts.length > attempt ? [`Taken up again after attempt ${attempts.length}.`] : []
  return [`Attempt ${attempt}${why}. Its hash is ${hash}; ${since}.`, ...later]
}

function spending({ alphaInAll, competing }: Campaign, alpha: number): string {
  const among = competing > 1 ? `, and over ${competing} candidates of which one will be taken` : ''
  return `It spends ${declaredPercent(Number(alpha.toPrecision(3)))} of the ${declaredPercent(alphaInAll)} that all attempts${among} may spend together. Looking is free, changing is not: another margin, prompt or scoring is another attempt with fresh evidence.`
}

function leftOut({ leftOut: count, countsFrom }: Campaign): string[] {
  if (count === 0) return []
  const from = countsFrom === null ? 'its beginning' : minute(countsFrom)
  return [`${counted(count, 'comparison')} of exchanges captured before ${from} had been seen before and do not count.`]
}

type Campaign = NonNullable<Verdict['campaign']>
