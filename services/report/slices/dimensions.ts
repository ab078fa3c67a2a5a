import { type Dimension } from '../../../shared/config/schema.ts'
import { type Pair } from '../pairs.ts'

/** The slice that a pair is in; null: none, because it is not known. */
export type SliceOf = (pair: Pair, dimension: string) => string | null

const bandEnds: [tokens: number, band: string][] = [
  [1_000, 'under 1k'],
  [4_000, '1k to 4k'],
  [16_000, '4k to 16k'],
  [Infinity, 'over 16k'],
]

/** Of the day, UTC. */
const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'))

const readers: Record<Dimension, (pair: Pair) => string | null> = {
  route: ({ row }) => row.route,
  task: ({ row }) => row.task,
  language: ({ row }) => row.language,
  tools: ({ row }) => (row.hasTools === null ? null : row.hasTools ? 'yes' : 'no'),
  length: ({ row: { promptTokens } }) =>
    promptTokens === null ? null : bandEnds.find(([end]) => promptTokens < end)![1],
  tier: ({ row }) => row.tier,
  hour: ({ row }) => hours[Math.floor(row.capturedAtMs / 3_600_000) % 24]!,
}

/** Everything that traffic can be cut by, whether it was declared or not. */
export const allDimensions = Object.keys(readers) as Dimension[]

export const sliceOf: SliceOf = (pair, dimension) => readers[dimension as Dimension](pair)
