import { existsSync } from 'node:fs'
import { type Arm, armsOf } from '../../shared/config/arms.ts'
import { type Config } from '../../shared/config/schema.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { stateFileOf } from '../../shared/limits/open.ts'
import { openLocalState } from '../../shared/limits/local-state.ts'
import { pauseRecord, readNotes } from '../../shared/limits/noted-state.ts'
import { type LimitsState } from '../../shared/limits/limits-state.ts'
import { type Arms, type ArmStatus } from '../report/main.ts'
import { writeAudit } from './audit-trail.ts'
import { withLog } from './replay-recorded.ts'

type Known = Pick<LimitsState, 'absenceOf' | 'spentUsd'>

/** The arms as the workers of replay see them, whether any runs or not. */
export function armsDesk(config: Config): Arms {
  const arms = armsOf(config)
  return {
    list: () => knownOf(config, (known) => arms.map((arm) => statusOf(arm, known))),
    async setPaused(arm, isPaused, actor) {
      const names = arms.map(({ name }) => name)
      if (!names.includes(arm)) {
        throw new UnderstudyError('CANDIDATE_UNKNOWN', `there is no arm "${arm}": choose from ${names.join(', ')}`)
      }
      if ('embedded' in config.log) {
        const state = openLocalState({ file: stateFileOf(config.log.embedded) })
        state.setPaused(arm, isPaused)
        await state.close()
      } else {
        await withLog(config, async (log) => {
          await log.prepare()
          await log.publish('replay-state', [pauseRecord(arm, isPaused)])
        })
      }
      await writeAudit(config, { action: isPaused ? 'paused' : 'resumed', subject: arm }, actor)
    },
  }
}

async function knownOf<T>({ log: logConfig, ...config }: Config, read: (known: Known) => T): Promise<T> {
  if ('embedded' in logConfig) {
    const file = stateFileOf(logConfig.embedded)
    // Looking must leave nothing behind where replay has never run.
    if (!existsSync(file)) return read({ absenceOf: () => null, spentUsd: () => 0 })
    const state = openLocalState({ file })
    try {
      return read(state)
    } finally {
      await state.close()
    }
  }
  let result!: T
  await withLog({ ...config, log: logConfig }, async (log) => {
    await log.prepare()
    result = read(await readNotes(log))
  })
  return result
}

function statusOf({ name, provider, model, budgetUsdPerDay, limits }: Arm, known: Known): ArmStatus {
  const spentUsd = budgetUsdPerDay === null ? null : known.spentUsd(name)
  const absence = known.absenceOf(name, provider)
  const isSpent = budgetUsdPerDay !== null && (spentUsd ?? 0) >= budgetUsdPerDay
  return {
    arm: name,
    provider,
    model,
    state: absence?.because ?? (isSpent ? 'budget_reached' : 'asked'),
    since: absence === null ? null : new Date(absence.sinceMs).toISOString(),
    spentUsd,
    budgetUsdPerDay,
    limits,
  }
}

/** Why the arm is not asked, and what to do; null: it is asked. */
export function hindranceOf(status: ArmStatus): [what: string, cure: string] | null {
  return status.state === 'asked' ? null : hindrances[status.state](status)
}

type Hindered = Exclude<ArmStatus['state'], 'asked'>

const hindrances: Record<Hindered, (status: ArmStatus) => [what: string, cure: string]> = {
  paused: ({ arm, since }) => [`${arm} is paused since ${since}`, `understudy replay resume ${arm}`],
  breaker_open: ({ arm, provider, since }) => [
    `the provider ${provider} of ${arm} fails since ${since} and is left alone`,
    'it is tried again by itself; understudy doctor says whether it answers',
  ],
  budget_reached: ({ arm, spentUsd, budgetUsdPerDay }) => [
    `${arm} has spent $${(spentUsd ?? 0).toFixed(2)} of $${(budgetUsdPerDay ?? 0).toFixed(2)} for today`,
    'it is asked again after midnight UTC; or raise budgetUsdPerDay',
  ],
}
