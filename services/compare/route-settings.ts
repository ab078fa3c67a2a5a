import { type Config, type FactVeto } from '../../shared/config/schema.ts'

/** What a route declares of how its answers are compared. */
export type RouteSettings = {
  factVeto: FactVeto
  /** Null: not declared, so it is told by the request and takes no quality. */
  grounded: boolean | null
}

export const defaultSettings: RouteSettings = { factVeto: 'text', grounded: null }

export type SettingsOf = (route: string) => RouteSettings

type RoutesConfig = Pick<Config, 'routes'> & { compare: Pick<Config['compare'], 'factVeto'> }

/** Routes without a name in the config (imports, the default route) have the settings of `compare`. */
export function routeSettings({ routes, compare }: RoutesConfig): SettingsOf {
  const { factVeto } = compare
  const declared = new Map(
    routes.map((route) => [route.name, { factVeto: route.factVeto ?? factVeto, grounded: route.grounded ?? null }]),
  )
  const others = { ...defaultSettings, factVeto }
  return (route) => declared.get(route) ?? others
}
