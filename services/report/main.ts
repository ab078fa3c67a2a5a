import { fastify, type FastifyRequest } from 'fastify'
import { type Config } from '../../shared/config/schema.ts'
import { type Act } from '../../shared/contracts/audit-entry.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { type Logger } from '../../shared/logger.ts'
import { type Store } from '../../shared/store/store.ts'
import { actorsBy } from './actor.ts'
import { admitAll } from './admit.ts'
import { startAnnouncer } from './announcer.ts'
import { registerApi } from './api.ts'
import { type Arms, registerArms } from './arms.ts'
import { type Intake, registerIntake } from './intake.ts'
import { createCampaignKeeper } from './campaigns/store.ts'
import { loadVerdicts } from './load-verdicts.ts'
import { createMetrics } from './metrics.ts'
import { createReportSource, type ReportSource } from './source.ts'
import { createSettler } from './sums/settle-campaigns.ts'

export { type Arms, type ArmStatus } from './arms.ts'
export { type Intake } from './intake.ts'

export type ReportContext = {
  config: Config
  store: Pick<Store, 'kind' | 'query' | 'insert' | 'ping'>
  logger: Logger
  intake: Intake
  arms: Arms
  /** Told who took a report away. */
  audit?: (act: Act, actor: string) => void
}

/** Starts the report on `config.report.listen`. PORT_TAKEN if the address is in use. */
export async function startReport({
  config,
  store,
  logger,
  intake,
  arms,
  audit = () => {},
}: ReportContext): Promise<Running & { url: string }> {
  const app = fastify({ logger: false, forceCloseConnections: true })
  registerIntake(app, intake)
  const actorOf = actorsBy(config.report.identityHeader)
  registerArms(app, arms, actorOf)
  const source = createReportSource(store)
  const campaigns = createCampaignKeeper(store, config)
  const settler = createSettler(store, source, config, logger)
  const exported = (request: FastifyRequest, subject: string, details: Act['details'] = {}) =>
    audit({ action: 'exported', subject, details }, actorOf(request))
  const admit = admitAll(actorOf, audit)
  registerApi(app, { config, source, campaigns, settler, store, metrics: createMetrics(), logger, exported, admit })
  const { host, port } = addressOf(config.report.listen)
  try {
    const url = await app.listen({ host, port })
    const announcer = announcerOf(config, source, logger)
    return {
      url,
      stop: async () => {
        await announcer?.stop()
        await app.close()
      },
    }
  } catch (err) {
    await app.close()
    if ((err as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw err
    const message = `report.listen ${config.report.listen} is in use: stop the program that listens there, or set report.listen to another port`
    throw new UnderstudyError('PORT_TAKEN', message, { cause: err })
  }
}

function announcerOf(config: Config, source: ReportSource, logger: Logger): Running | null {
  const { webhook } = config.report
  if (webhook === false) return null
  return startAnnouncer({ url: webhook, logger, load: () => loadVerdicts(source, config, { asOf: new Date() }) })
}

/** `127.0.0.1:3400` or `[::1]:3400`; the config has checked the form. */
function addressOf(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(':')
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(listen.slice(colon + 1)) }
}
