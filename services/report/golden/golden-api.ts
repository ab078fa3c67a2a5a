import { type FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type Config } from '../../../shared/config/schema.ts'
import { GoldenFormat, GoldenFreezeRequest, type GoldenSetView } from '../../../shared/contracts/golden.ts'
import { type Store } from '../../../shared/store/store.ts'
import { type Admit } from '../admit.ts'
import { candidatesOf } from '../load-verdicts.ts'
import { parseBody, sinceOf } from '../query.ts'
import { refuseReader } from '../review/labels.ts'
import { UnderstudyError } from '../../../shared/errors.ts'
import { goldenExports } from './export/index.ts'
import { freezeSet } from './freeze.ts'
import { rowOfItem } from './rows.ts'
import { isIntact, listSets, readItems, setOf, versionsOf, withOpenings } from './sets.ts'

export type GoldenContext = { config: Config; store: Pick<Store, 'kind' | 'query' | 'insert'>; admit: Admit }

const setVersion = z.coerce.number().int().positive().optional()
export const ViewParameters = z.object({
  version: setVersion,
  limit: z.coerce.number().int().min(1).max(500).default(50),
  offset: z.coerce.number().int().min(0).default(0),
})
export const ExportParameters = z.object({ version: setVersion, format: GoldenFormat.default('jsonl') })

/** Golden sets, as far as they may be seen: of a hold-out no row is ever shown here. */
export function registerGolden(app: FastifyInstance, { config, store, admit }: GoldenContext): void {
  app.get('/api/v1/golden', async (request) => {
    admit(request, 'viewer')
    return { version: 1, sets: await listSets(store) }
  })

  app.get<{ Params: { name: string } }>('/api/v1/golden/:name', async (request): Promise<GoldenSetView> => {
    const { mayReadBodies } = admit(request, 'viewer')
    const { version, ...page } = parseBody(ViewParameters, request.query)
    const { name } = request.params
    const [set, versions] = [await setOf(store, name, version), await versionsOf(store, name)]
    const items = mayReadBodies ? await readItems(store, set, 'dev', page) : []
    return {
      version: 1,
      set: await withOpenings(store, set),
      versions: versions.map(({ setVersion: number, address, frozenAt }) => ({
        setVersion: number,
        address,
        frozenAt,
      })),
      rows: items.map(({ item }) => rowOfItem(item)),
      intact: await isIntact(store, set),
    }
  })

  app.post('/api/v1/golden', async (request, reply) => {
    const { actor, audit } = admit(request, 'admin')
    const { name, since, candidate = null, ...wanted } = parseBody(GoldenFreezeRequest, request.body)
    if (candidate !== null) candidatesOf(config, candidate)
    refuseReader(store)
    const now = new Date()
    const spec = {
      ...wanted,
      candidate,
      since: since === undefined ? null : sinceOf(since).toISOString(),
      until: now.toISOString(),
    }
    const set = await freezeSet(store, { name, spec, by: actor, now })
    audit({ action: 'frozen', subject: name, details: { address: set.address, items: set.items } })
    return await reply.code(201).send({ version: 1, set })
  })

  app.get<{ Params: { name: string } }>('/api/v1/golden/:name/export', async (request, reply) => {
    const { mayReadBodies, audit } = admit(request, 'viewer')
    if (!mayReadBodies) throw new UnderstudyError('USAGE', 'a golden set is made of texts, which you may not read')
    const { version, format } = parseBody(ExportParameters, request.query)
    const set = await setOf(store, request.params.name, version)
    const items = await readItems(store, set, 'dev')
    audit({ action: 'exported', subject: set.name, details: { what: 'golden set', format, address: set.address } })
    const { extension, type, of } = goldenExports[format]
    return await reply
      .type(`${type}; charset=utf-8`)
      .header('content-disposition', `attachment; filename="${set.name}-${set.setVersion}.${format}.${extension}"`)
      .send(of(items.map(({ item }) => rowOfItem(item))))
  })
}
