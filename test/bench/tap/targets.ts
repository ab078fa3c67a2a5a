import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Totals } from '../../../services/tap/ledger.ts'
import { installedVersion, installFromNpm, installFromPypi } from './install.ts'
import { nginxVersion, startNginx } from './nginx.ts'
import { freePort, start, type Started, startScript, untilAnswers } from './process.ts'
import { type RequestOptions } from './wire.ts'

/** Something that stands between the clients and the provider, and is running. */
export type Target = {
  name: string
  started: Started
  url: string
  request: RequestOptions
  /** Of the tap: what its ledger says. */
  totals?: () => Promise<Totals>
}

export type Surroundings = {
  upstream: string
  /** For what each target writes; gone after the run. */
  folder: string
  core: number
}

export type Peer = {
  name: string
  version: string
  /** How it is set up, where that is not as it comes. */
  note: string
  start(around: Surroundings): Promise<Target>
}

/** Versions are pinned, but nginx is the one of the machine. */
export const peers: Peer[] = [
  script('relay', `Node ${process.version}`, 'sockets piped into each other, no HTTP', 'targets/relay.ts'),
  script(
    'bare',
    `Node ${process.version}, undici ${installedVersion('node_modules', 'undici')}`,
    'node:http in front, undici behind, nothing copied',
    'targets/bare.ts',
  ),
  nginx('nginx', 'one worker, kept connections, proxy_buffering off', false),
  nginx('nginx mirror', 'as nginx; requests are mirrored to a second provider, answers are not', true),
  npmProxy('httpxy', '0.5.6', 'kept connections', {}),
  npmProxy('fast-proxy', '2.2.0', 'over undici', {}),
  npmProxy('@fastify/http-proxy', '11.6.3', 'over undici, fastify’s log off', { fastify: '5.12.8' }),
  {
    name: 'Portkey',
    version: '1.15.2',
    note: 'one process, retries and cache off, no console; on @hono/node-server 1.13.8',
    start: startPortkey,
  },
  {
    name: 'LiteLLM',
    version: '1.93.1',
    note: 'one worker, retries, cache and telemetry off',
    start: startLiteLlm,
  },
]

export async function startTapTarget(
  around: Surroundings,
  { name, broker }: { name: string; broker?: string },
): Promise<Target> {
  const folder = join(around.folder, name.replace(/\W+/g, '-'))
  mkdirSync(folder, { recursive: true })
  const args = [around.upstream, folder, ...(broker === undefined ? [] : [broker])]
  const started = await startScript('targets/through-tap.ts', args, around.core)
  const totals = (): Promise<Totals> =>
    new Promise((resolve) => {
      started.child.once('message', (message) => resolve(message as Totals))
      started.child.send('totals')
    })
  return { name, started, url: started.urls[0]!, request: { prefix: '/openai' }, totals }
}

function script(name: string, version: string, note: string, file: string): Peer {
  return {
    name,
    version,
    note,
    async start({ upstream, core }) {
      const started = await startScript(file, [upstream], core)
      return { name, started, url: started.urls[0]!, request: {} }
    },
  }
}

function nginx(name: string, note: string, mirrors: boolean): Peer {
  return {
    name,
    note,
    version: nginxVersion() ?? 'not installed',
    async start({ upstream, folder, core }) {
      if (nginxVersion() === null) throw new Error('it is not installed here (Debian: apt-get install nginx)')
      const options = { upstream, folder: join(folder, name.replace(/\W+/g, '-')), core }
      const started = await startNginx(mirrors ? { ...options, mirror: upstream } : options)
      return { name, started, url: started.url, request: {} }
    },
  }
}

function npmProxy(name: string, version: string, note: string, besides: Record<string, string>): Peer {
  return {
    name,
    version,
    note,
    async start({ upstream, core }) {
      const modules = await installFromNpm(name.replace(/\W+/g, '-'), { [name]: version, ...besides })
      const started = await startScript('targets/npm-proxy.ts', [name, modules, upstream], core)
      return { name, started, url: started.urls[0]!, request: {} }
    },
  }
}

async function startPortkey({ upstream, core }: Surroundings): Promise<Target> {
  // With newer ones of the packages it stands on, every stream is answered with 500.
  const modules = await installFromNpm('portkey', {
    '@portkey-ai/gateway': '1.15.2',
    '@hono/node-server': '1.13.8',
    '@hono/node-ws': '1.2.0',
  })
  const port = await freePort()
  const program = join(modules, '@portkey-ai/gateway/build/start-server.js')
  const env = { NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost' }
  const started = start([process.execPath, program, '--headless', `--port=${port}`], { core, env })
  const url = `http://127.0.0.1:${port}`
  await untilAnswers(url, started.child, 30_000)
  const headers = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${upstream}/v1` }
  return { name: 'Portkey', started, url, request: { headers } }
}

async function startLiteLlm({ upstream, folder, core }: Surroundings): Promise<Target> {
  const programs = await installFromPypi('litellm', 'litellm[proxy]==1.93.1')
  const port = await freePort()
  const file = join(folder, 'litellm.yaml')
  writeFileSync(
    file,
    `model_list:
  - model_name: gpt-4o
    litellm_params: { model: openai/gpt-4o, api_base: '${upstream}/v1', api_key: sk-bench }
litellm_settings: { num_retries: 0, cache: false, telemetry: false }
router_settings: { num_retries: 0 }
`,
  )
  const options = ['--config', file, '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1']
  const env = { LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_LOG: 'ERROR', DO_NOT_TRACK: '1' }
  const started = start([join(programs, 'litellm'), ...options], { core, env })
  const url = `http://127.0.0.1:${port}`
  await untilAnswers(`${url}/health/liveliness`, started.child, 120_000)
  return { name: 'LiteLLM', started, url, request: {} }
}
