import { fastify } from 'fastify'
import { type Config } from '../../shared/config/schema.ts'
import { type Act } from '../../shared/contracts/audit-entry.ts'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { type Logger } from '../../shared/logger.ts'
import { type Store } from '../../shared/store/store.ts'
import { openAccess, registerAccess } from './access/access.ts'
import { readingAudit } from './access/reading-audit.ts'
import { admitBy } from './admit.ts'
import { startAnnouncer } from './announcer.ts'
import { registerApi } from './api.ts'
import { type Arms, registerArms } from './arms.ts'
import { type Intake, registerIntake } from './intake.ts'
import { createCampaignKeeper } from './campaigns/store.ts'
import { loadVerdicts } from './load-verdicts.ts'
import { createMetrics } from './metrics.ts'
import { createRecent } from './recent.ts'
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
  /** Told who took texts away or read them, and who changed something. */
  audit?: (act: Act, actor: string) => void
  /** Default: where the dashboard is built. Where it is not there, `/` is the report itself. */
  webFolder?: string
}

/** Starts the report on `config.report.listen`. PORT_TAKEN if the address is in use, CONFIG_INVALID where strangers could come in. */
export async function startReport({
  config,
  store,
  logger,
  intake,
  arms,
  audit = () => {},
  webFolder,
}: ReportContext): Promise<Running & { url: string }> {
  const access = openAccess(config.report)
  const app = fastify({ logger: false, forceCloseConnections: true })
  await registerAccess(app, access)
  registerIntake(app, intake)
  registerArms(app, arms)
  const source = withRecentLedger(createReportSource(store))
  const campaigns = createCampaignKeeper(store, config)
  const settler = createSettler(store, source, config, logger)
  await registerApi(app, {
    config,
    store,
    source,
    campaigns,
    settler,
    metrics: createMetrics(),
    logger,
    access,
    webFolder,
    exported: readingAudit(access, audit),
    admit: admitBy(audit),
  })
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

/** The page asks for the ledger as soon as it has the verdicts, which were drawn with one. */
const ledgerKeptMs = 5_000

/**
 * Over millions of exchanges it takes seconds to see that each is accounted for: a verdict does not wait for that again, and
 * is not given for long on what was so once.
 */
function withRecentLedger(source: ReportSource): ReportSource {
  const recent = createRecent<Verdict['ledger']>(ledgerKeptMs, { staleMs: 60_000 })
  return { ...source, ledger: () => recent('', () => source.ledger()) }
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
