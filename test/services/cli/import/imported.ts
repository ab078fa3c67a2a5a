import { createReadStream } from 'node:fs'
import { type ImportResult, importAll } from '../../../../services/cli/import.ts'
import { upstreamChooser } from '../../../../services/cli/import/copy-of-entry.ts'
import { createEntryReader } from '../../../../services/cli/import/entry-reader.ts'
import { Config } from '../../../../shared/config/schema.ts'
import { Exchange } from '../../../../shared/contracts/exchange.ts'
import { type LogRecord, type Topic } from '../../../../shared/log/topic-log.ts'

const upstreams = {
  openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' },
  anthropic: { dialect: 'anthropic', baseUrl: 'http://127.0.0.1:1' },
} as const
const config = Config.parse({
  tap: { upstreams },
  providers: {},
  control: false,
  candidates: [{ name: 'mini', provider: 'openai', model: 'gpt-4.1-mini' }],
})

export const upstreamOf = upstreamChooser(upstreams, undefined)
export const readEntry = createEntryReader(config, { upstreamOf, source: 'import' })

export type Imported = {
  read: number
  /** The places of what was not used, by reason. */
  unusable: Record<string, string[]>
  exchanges: Exchange[]
}

/** What an import of these exports publishes. */
export async function imported(...names: string[]): Promise<Imported> {
  const exchanges: Exchange[] = []
  const publish = async (topic: Topic, records: LogRecord[]): Promise<void> => {
    if (topic !== 'exchanges') return
    exchanges.push(...records.map(({ value }) => Exchange.parse(JSON.parse(String(value)))))
  }
  const sources = names.map((name) => {
    const chunks = createReadStream(new URL(`../../../fixtures/import/${name}`, import.meta.url))
    return { name, chunks, sizeBytes: null, writtenAt: new Date('2026-11-04T00:00:00Z') }
  })
  const result = await importAll(sources, readEntry, { publish })
  return { read: result.read, unusable: placesOf(result), exchanges }
}

function placesOf({ unusable }: ImportResult): Record<string, string[]> {
  return Object.fromEntries(Object.entries(unusable).map(([reason, { first }]) => [reason, first]))
}

export function bodyOf({ request }: Exchange): unknown {
  return JSON.parse(request.body.data!)
}
