import { type PairTally } from './pair-tally.ts'
import { type RowTally } from './row-tally.ts'
import { type Settled } from './settled.ts'
import { sketchFrom, sketchLists } from './sums-rows.ts'

/** What is counted beside the gates. Pairs that are still open are named here and read again. */
export type StoredTally = Pick<Settled, 'endMs' | 'judgeCounts' | 'units'> & {
  rows: RowTally
  pairs: PairTally
  chargedAt: number | null
  open: [capturedAtMs: number, exchangeId: string][]
}

type Sketches = PairTally['medians']

/** JSON of it: maps as lists of their entries. */
export function tallyJson({ rows, pairs, ...rest }: StoredTally): string {
  return JSON.stringify({
    ...rest,
    rows: {
      ...rows,
      notComparable: [...rows.notComparable],
      losses: [...rows.losses],
      judging: { ...rows.judging, undecided: [...rows.judging.undecided] },
    },
    pairs: {
      ...pairs,
      servedModels: [...pairs.servedModels],
      hours: [...pairs.hours].map(([hour, { asked, failed, controlAsked, controlFailed }]) => [
        hour,
        asked,
        failed,
        controlAsked,
        controlFailed,
      ]),
      burnIns: [...pairs.burnIns],
      medians: Object.entries(pairs.medians).map(([name, sketch]) => [name, sketch.width, sketchLists(sketch)]),
    },
  })
}

type Entries<Of> = Of extends Map<infer Key, infer Value> ? [Key, Value][] : never
type JsonOf<Of, Maps extends keyof Of> = Omit<Of, Maps> & { [Name in Maps]: Entries<Of[Name]> }
type TallyInJson = Omit<StoredTally, 'rows' | 'pairs'> & {
  rows: Omit<JsonOf<RowTally, 'notComparable' | 'losses'>, 'judging'> & {
    judging: JsonOf<RowTally['judging'], 'undecided'>
  }
  pairs: Omit<JsonOf<PairTally, 'servedModels' | 'burnIns'>, 'hours' | 'medians'> & {
    hours: [number, number, number, number, number][]
    medians: [keyof Sketches, number, ReturnType<typeof sketchLists>][]
  }
}

export function tallyFrom(json: string): StoredTally {
  const { rows, pairs, ...rest } = JSON.parse(json) as TallyInJson
  return {
    ...rest,
    rows: {
      ...rows,
      notComparable: new Map(rows.notComparable),
      losses: new Map(rows.losses),
      judging: { ...rows.judging, undecided: new Map(rows.judging.undecided) },
    },
    pairs: {
      ...pairs,
      servedModels: new Map(pairs.servedModels),
      hours: new Map(
        pairs.hours.map(([hour, asked, failed, controlAsked, controlFailed]) => [
          hour,
          { asked, failed, controlAsked, controlFailed },
        ]),
      ),
      burnIns: new Map(pairs.burnIns),
      medians: Object.fromEntries(
        pairs.medians.map(([name, width, lists]) => [name, sketchFrom(width, lists)]),
      ) as Sketches,
    },
  }
}
