import { type FastifyInstance } from 'fastify'
import { type CandidateDistributions, type CandidateSeries } from '../../../shared/contracts/series.ts'
import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { candidatesOf } from '../load-verdicts.ts'
import { parseQuery, SeriesParameters } from '../query.ts'
import { createRecent, staleMs } from '../recent.ts'
import { createSeries, type SeriesContext } from './series.ts'

const keptMs = 5_000

/** What a candidate did over time, and how its scores and latencies lie. */
export function registerSeries(
  app: FastifyInstance,
  context: SeriesContext,
  current: (candidate: string) => Promise<Verdict[]>,
): void {
  const answers = createSeries(context)
  const recent = {
    series: createRecent<CandidateSeries>(keptMs, { staleMs }),
    distributions: createRecent<CandidateDistributions>(keptMs, { staleMs }),
  }
  for (const what of ['series', 'distributions'] as const) {
    app.get<{ Params: { name: string }; Querystring: { since?: string } }>(
      `/api/v1/candidates/:name/${what}`,
      async (request) => {
        const { name } = request.params
        const { since } = parseQuery(SeriesParameters, request.query)
        const [candidate] = candidatesOf(context.config, name)
        // As it was asked for: a span before now is another moment each time.
        const key = JSON.stringify([name, request.query.since ?? ''])
        const verdict = async () => (await current(name))[0]!
        return what === 'series'
          ? await recent.series(key, async () => answers.series(candidate!, await verdict(), since))
          : await recent.distributions(key, async () => answers.distributions(candidate!, await verdict(), since))
      },
    )
  }
}
