import { setTimeout as sleep } from 'node:timers/promises'
import { type Verdict } from '../../shared/contracts/verdict.ts'
import { type Running } from '../../shared/lifecycle.ts'
import { type Logger } from '../../shared/logger.ts'
import { sliceTitle, verdictTitles } from './words.ts'

export type AnnouncerContext = {
  url: string
  load: () => Promise<Verdict[]>
  logger: Logger
  /** How often the verdicts are looked at. */
  intervalMs?: number
  /** Waits between the tries of one message; after the last it is given up. */
  retryMs?: readonly number[]
}

const postTimeoutMs = 10_000

/**
 * Posts `{ "text": … }` (what Slack and its like take) when a candidate's verdict is another than at the last look. What it
 * sees first is remembered and not posted, so a restart says nothing and a change meanwhile goes unsaid. Messages go one
 * after the other; an address that does not answer holds up nothing else.
 */
export function startAnnouncer(context: AnnouncerContext): Running {
  const { load, logger, intervalMs = 60_000 } = context
  const stopping = new AbortController()
  const last = new Map<string, string>()
  let sending = Promise.resolve()

  async function look(): Promise<void> {
    for (const verdict of await load()) {
      const before = last.get(verdict.candidate)
      const now = titleOf(verdict)
      last.set(verdict.candidate, now)
      if (before === undefined || before === now) continue
      sending = sending.then(() => announce(textOf(verdict, before), context, stopping.signal))
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look().catch((err: unknown) => logger.warn({ err }, 'verdicts could not be read for the webhook'))
      await sleep(intervalMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
      await sending
    },
  }
}

/** A kind of traffic that a GO leaves out makes another verdict of it. */
function titleOf({ verdict, except }: Verdict): string {
  return `${verdictTitles[verdict]}${except.length === 0 ? '' : ` except ${except.map(sliceTitle).join('; ')}`}`
}

function textOf(verdict: Verdict, before: string): string {
  return `${verdict.candidate}: ${before} → ${titleOf(verdict)}\n${verdict.sentence}`
}

async function announce(
  text: string,
  { url, logger, retryMs = [1_000, 5_000, 30_000, 120_000] }: AnnouncerContext,
  stopping: AbortSignal,
): Promise<void> {
  // The address is a secret of its own: it is in no line of the log.
  for (const waitMs of [...retryMs, null]) {
    const failure = await post(url, text, stopping)
    if (failure === null || stopping.aborted) return
    if (waitMs === null) logger.error({ failure }, 'a change of verdict could not be posted to report.webhook')
    else await sleep(waitMs, undefined, { signal: stopping }).catch(() => {})
  }
}

/** Null: taken. */
async function post(url: string, text: string, stopping: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: escaped(text) }),
      redirect: 'error',
      signal: AbortSignal.any([stopping, AbortSignal.timeout(postTimeoutMs)]),
    })
    await response.body?.cancel()
    return response.ok ? null : `status ${response.status}`
  } catch (err) {
    return err instanceof Error ? err.name : 'no answer'
  }
}

/** Names from the traffic must not call anybody or link anywhere: Slack reads <!channel> and <http://…>. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
