import { type Chunk } from '../../../../../shared/contracts/exchange.ts'
import { counted, milliseconds } from '../../../words.ts'

export type Stream = {
  name: string
  tone: 'served' | 'control' | 'candidate'
  chunks: readonly Chunk[]
  ttftMs: number | null
  totalMs: number | null
}

/** More marks than this could not be told apart. */
const mostMarks = 400

/** When each piece of a streamed answer came, all arms on one scale. */
export function Timeline({ streams }: { streams: readonly Stream[] }) {
  const timed = streams.filter(({ totalMs, chunks }) => totalMs !== null || chunks.length > 0)
  const longest = Math.max(
    1,
    ...timed.map(({ totalMs, chunks }) => Math.max(totalMs ?? 0, chunks.at(-1)?.offsetMs ?? 0)),
  )
  if (timed.length === 0) return null
  return (
    <div className="timeline">
      {timed.map(({ name, tone, chunks, ttftMs, totalMs }) => {
        const step = Math.max(1, Math.ceil(chunks.length / mostMarks))
        const largest = Math.max(1, ...chunks.map(({ sizeBytes }) => sizeBytes))
        return (
          <div key={name} className="stream">
            <span className="stream-name">{name}</span>
            <svg
              className={`${tone}-ink`}
              viewBox="0 0 1000 26"
              preserveAspectRatio="none"
              role="img"
              aria-label={`${name}: first token after ${milliseconds(ttftMs)}, all after ${milliseconds(totalMs)}, ${counted(chunks.length, 'piece')}`}
            >
              <rect
                x="0"
                y="12"
                width={(1000 * (totalMs ?? 0)) / longest}
                height="2"
                fill="currentColor"
                opacity="0.35"
              />
              {chunks
                .filter((_, at) => at % step === 0)
                .map(({ offsetMs, sizeBytes }, at) => {
                  const height = 6 + 18 * Math.sqrt(sizeBytes / largest)
                  return (
                    <rect
                      key={at}
                      x={(1000 * offsetMs) / longest}
                      y={13 - height / 2}
                      width="1.6"
                      height={height}
                      fill="currentColor"
                    />
                  )
                })}
              {ttftMs !== null && (
                <rect x={(1000 * ttftMs) / longest - 1} y="1" width="3" height="24" fill="currentColor" />
              )}
            </svg>
            <span className="soft small">
              {milliseconds(ttftMs)} to the first, {milliseconds(totalMs)} in all
            </span>
          </div>
        )
      })}
    </div>
  )
}
