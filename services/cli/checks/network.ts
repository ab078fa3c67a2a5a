import { didYouMean } from '../../../shared/config/did-you-mean.ts'
import { type Config, type ProviderConfig } from '../../../shared/config/schema.ts'
import { type Check, fail, ok, placeOf, reasonOf, warn } from './check.ts'

/** Any answer will do: it proves name, address, port and TLS. */
export async function checkUpstream(name: string, baseUrl: string, timeoutMs: number): Promise<Check> {
  const title = `upstream ${name}`
  try {
    const response = await fetch(baseUrl, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
    await response.body?.cancel()
    return ok(title, `${placeOf(baseUrl)} answers (HTTP ${response.status})`)
  } catch (err) {
    const cure = `correct tap.upstreams.${name}.baseUrl, or let this machine reach it: your app cannot be served either`
    return fail(title, `${placeOf(baseUrl)} cannot be reached (${reasonOf(err)})`, cure)
  }
}

export type ProviderChecked = {
  check: Check
  /** The models on offer; null where the provider does not say. */
  models: string[] | null
}

/** Lists the provider's models: the cheapest call that needs the key. An unused provider can only be warned about. */
export async function checkProvider(
  name: string,
  provider: ProviderConfig,
  { timeoutMs, isUsed }: { timeoutMs: number; isUsed: boolean },
): Promise<ProviderChecked> {
  const found = await lookAt(name, provider, timeoutMs)
  const { check } = found
  if (isUsed || check.state !== 'fail') return found
  return { ...found, check: { ...check, state: 'warn', detail: `${check.detail}; no arm uses it` } }
}

const refused = (check: Check): ProviderChecked => ({ check, models: null })

async function lookAt(name: string, provider: ProviderConfig, timeoutMs: number): Promise<ProviderChecked> {
  const title = `provider ${name}`
  const place = placeOf(provider.baseUrl)
  try {
    const response = await fetch(modelsUrl(provider), {
      headers: headersFor(provider),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.status === 401 || response.status === 403) {
      await response.body?.cancel()
      return refused(fail(title, `${place} ${keyProblem(provider, response.status)}`, keyCure(name, provider)))
    }
    const models = response.ok ? modelsIn(await response.json().catch(() => null)) : null
    if (models !== null) {
      const key = provider.apiKey === '' ? 'answers' : 'accepts the key'
      return { check: ok(title, `${place} ${key}, ${models.length} models`), models }
    }
    const cure = `check providers.${name}.baseUrl; with a server that lists no models, nothing is wrong`
    return refused(warn(title, `${place} answers (HTTP ${response.status}) but lists no models`, cure))
  } catch (err) {
    const cure = `correct providers.${name}.baseUrl, or start what should listen there`
    return refused(fail(title, `${place} cannot be reached (${reasonOf(err)})`, cure))
  }
}

function modelsUrl({ dialect, baseUrl }: ProviderConfig): string {
  const root = baseUrl.replace(/\/+$/, '')
  return dialect === 'anthropic' ? `${root}/v1/models?limit=1000` : `${root}/models`
}

function headersFor({ dialect, apiKey }: ProviderConfig): Record<string, string> {
  const version: Record<string, string> = dialect === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}
  if (apiKey === '') return version
  return dialect === 'anthropic' ? { ...version, 'x-api-key': apiKey } : { authorization: `Bearer ${apiKey}` }
}

function keyProblem({ apiKey }: ProviderConfig, status: number): string {
  return apiKey === '' ? `asks for a key (HTTP ${status}) and none is set` : `rejects the key (HTTP ${status})`
}

function keyCure(name: string, { apiKey }: ProviderConfig): string {
  if (apiKey !== '') return `put a valid key into the variable that providers.${name}.apiKey names`
  return `write providers.${name}.apiKey: '\${NAME}' with the environment variable that holds the key`
}

/** Both families answer `{ data: [{ id }] }`. */
function modelsIn(body: unknown): string[] | null {
  const data = (body as { data?: unknown } | null)?.data
  if (!Array.isArray(data)) return null
  return data.flatMap((model: { id?: unknown } | null) => (typeof model?.id === 'string' ? [model.id] : []))
}

/** Null where the provider lists no models, or was not reached: then there is nothing to say. */
export function checkModel(candidate: Config['candidates'][number], models: string[] | null): Check | null {
  if (models === null) return null
  const { name, provider, model } = candidate
  const title = `candidate ${name}`
  if (models.includes(model)) return ok(title, `${provider} offers ${model}`)
  const near = didYouMean(model, models)
  const cure = near === null ? 'check the name; an alias may work without being listed' : `did you mean ${near}?`
  return warn(title, `${provider} does not list ${model}`, cure)
}
