import { armsOf } from '../../shared/config/arms.ts'
import { type Config } from '../../shared/config/schema.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { createAdapters } from '../../shared/providers/index.ts'
import { type Transport } from '../../shared/providers/transport.ts'
import { type ReplayArm } from './question.ts'

/** The arms of the config, each with the adapters of every provider. */
export function openArms(config: Config, transport: Transport): ReplayArm[] {
  const adapters = createAdapters(config.providers, transport)
  const mayAsk = (provider: string, route: string): boolean =>
    config.providers[provider]!.routes?.includes(route) ?? true
  return armsOf(config).map((arm) => {
    if (adapters.has(arm.provider)) return { arm, adapters, mayAsk }
    throw new UnderstudyError(
      'CONFIG_INVALID',
      `The arm "${arm.name}" names the provider "${arm.provider}", which is not under providers: add it there.`,
    )
  })
}
