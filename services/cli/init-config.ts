import { UnderstudyError } from '../../shared/errors.ts'

export type Family = 'openai' | 'anthropic'

/** A place that answers models: `baseUrl` without the API version. `keyVariable` null: it takes no key. */
export type Endpoint = { name: string; family: Family; baseUrl: string; keyVariable: string | null }

export type InitAnswers = {
  served: Endpoint
  candidates: { name: string; provider: Endpoint; model: string }[]
}

const known: Record<Family, Endpoint> = {
  openai: { name: 'openai', family: 'openai', baseUrl: 'https://api.openai.com', keyVariable: 'OPENAI_API_KEY' },
  anthropic: {
    name: 'anthropic',
    family: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    keyVariable: 'ANTHROPIC_API_KEY',
  },
}

/** A cheaper model of the same provider, where nobody says which candidate to try. */
export const defaultCandidates: Record<Family, string> = {
  openai: 'mini=openai/gpt-5-mini',
  anthropic: 'haiku=anthropic/claude-haiku-4-5',
}

/** `openai`, `anthropic`, or the base URL of an OpenAI-compatible server, named after its host. */
export function endpointOf(text: string): Endpoint {
  if (Object.hasOwn(known, text)) return known[text as Family]
  if (!/^https?:\/\/\S/.test(text) || !URL.canParse(text)) {
    throw new UnderstudyError('USAGE', `"${text}" is no provider: write openai, anthropic, or a base URL`)
  }
  const { hostname, origin, pathname } = new URL(text)
  const root = pathname.replace(/\/+$/, '').replace(/\/v1$/, '')
  return { name: nameOf(hostname), family: 'openai', baseUrl: origin + root, keyVariable: null }
}

function nameOf(hostname: string): string {
  const [label = ''] = hostname.toLowerCase().split('.')
  const isName = /^[a-z][a-z0-9-]*$/.test(label) && label !== 'localhost' && !Object.hasOwn(known, label)
  return isName ? label : 'local'
}

/** `sonnet=anthropic/claude-sonnet-5`, or `qwen=http://vllm:8000/v1#qwen3` for a server of your own. */
export function candidateOf(text: string): InitAnswers['candidates'][number] {
  const [, name, address] = /^([^=]+)=(.+)$/.exec(text) ?? []
  const separator = address?.startsWith('http') ? '#' : '/'
  const at = address?.indexOf(separator) ?? -1
  if (name === undefined || address === undefined || at <= 0 || at === address.length - 1) {
    throw new UnderstudyError(
      'USAGE',
      `"${text}" names no candidate: write name=provider/model, such as ${defaultCandidates.anthropic}, or name=URL#model`,
    )
  }
  return { name, provider: endpointOf(address.slice(0, at)), model: address.slice(at + 1) }
}

/** The config as commented YAML: what must be written, and the defaults most people change. */
export function renderConfig({ served, candidates }: InitAnswers): string {
  const endpoints = [served, ...candidates.map(({ provider }) => provider)]
  const providers = [...new Map(endpoints.map((endpoint) => [endpoint.name, endpoint])).values()]
  return `# Which model may replace the one you serve? Checked by \`npx understudy doctor\`, started by \`npx understudy up\`.
# \${NAME} is an environment variable. Everything left out has a default.

tap:
  listen: 127.0.0.1:8787
  upstreams:                 # your app's base URL: ${appBaseUrl(served)}
    ${served.name}: { dialect: ${served.family}, baseUrl: ${quoted(served.baseUrl)} }
  sample: { rate: 1.0 }      # share of the requests that are mirrored
  capture: { mode: redacted }  # full | redacted | metadata
  # tenantHeader: x-tenant   # whose request it is, kept as a hash: understudy erase --tenant NAME

providers:                   # whom replay may ask, with its own credentials
${providers.map(providerLine).join('\n')}

control: { provider: ${served.name} }   # asks the served model again: how much does it disagree with itself?

candidates:
${candidates.map(candidateLines).join('\n')}

# Margins, fixed before the first look; these are the defaults.
gates:
  quality: { relative: 0.03 }          # at least 97 % of the served model's own agreement with itself
  errors: { absolute: 0.01, ceiling: 0.05 }
  ttftP50: { relative: 0.2, absoluteMs: 200 }
  ttftP95: { relative: 0.2, absoluteMs: 200 }
  cost: { relative: 0.02 }
  minDays: 3

# slices: { by: [route, task, language, tools, length, tier] }   # kinds of traffic that are judged by themselves, too
# routes:                    # kinds of traffic with a name of their own; the first match wins
#   - { name: support, match: { model: 'gpt-*' }, task: text }
#   - { name: manual, match: { path: '*/messages' }, grounded: true, factVeto: all }   # answers from texts in the request
# compare:                   # what no check can decide in free text: a judge of another family, with its own budget
#   judge: { provider: other, model: 'gemini-3.8-flash', budgetUsdPerDay: 10 }
#   scorers:                 # ways of comparing of your own: export function score({ served, arm }) { return 0.9 }
#     - { name: tone, module: ./tone.ts, as: quality }   # quality: lowers it; score: stands beside it
# waivers:                   # differences you accept, until a day
#   - { rung: json, path: '/items/*/id', reason: 'made up by both', author: ana, expires: 2027-03-31 }
# log: { kafka: { brokers: ['localhost:9092'] } }
# store: { clickhouse: { url: 'http://localhost:8123' } }
# store: { embedded: ./data/store, encryption: { keys: [{ id: k1, fromEnv: UNDERSTUDY_KEY_1 }], active: k1 } }  # texts sealed: openssl rand -base64 32
`
}

/** What the app puts where its provider's address was. */
export function appBaseUrl({ name, family }: Endpoint): string {
  return `http://127.0.0.1:8787/${name}${family === 'openai' ? '/v1' : ''}`
}

function providerLine({ name, family, baseUrl, keyVariable }: Endpoint): string {
  const version = family === 'openai' ? '/v1' : ''
  const key = keyVariable === null ? '' : `, apiKey: '\${${keyVariable}}'`
  return `  ${name}: { dialect: ${family}, baseUrl: ${quoted(baseUrl + version)}${key} }`
}

function candidateLines({ name, provider, model }: InitAnswers['candidates'][number]): string {
  return [
    `  - name: ${quoted(name)}`,
    `    provider: ${provider.name}`,
    `    model: ${quoted(model)}`,
    '    # parameters: { temperature: 0.2 }   # overrides of what was recorded',
    '    # budgetUsdPerDay: 25                # reached: it pauses until midnight UTC, and the ledger says so',
  ].join('\n')
}

/** In single quotes, so that no value can be anything but text. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
