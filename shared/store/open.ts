import { Readable } from 'node:stream'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { type StoreConfig } from '../config/schema.ts'
import { openKeyring } from '../encryption/keyring.ts'
import { sealedStore } from '../encryption/sealed-store.ts'
import { UnderstudyError } from '../errors.ts'
import { type Logger } from '../logger.ts'
import { clusterSettings, onCluster } from './cluster.ts'
import { ownerIdentity } from './owner-identity.ts'
import { identityHeader } from './read-only-http.ts'
import { storeError } from './store-errors.ts'
import { createStore, readOnly, type Store } from './store.ts'

export type StoreAccess = 'owner' | 'reader'

/**
 * `owner` may write, and holds the folder in embedded mode. `reader` only asks: over the owner's loopback address where
 * one is running, else on the folder itself.
 */
export async function openStore(config: StoreConfig, options: { logger: Logger; access: StoreAccess }): Promise<Store> {
  const keyring = openKeyring(config.encryption)
  return sealedStore(await openPlain(config, options), keyring)
}

async function openPlain(config: StoreConfig, options: { logger: Logger; access: StoreAccess }): Promise<Store> {
  if ('clickhouse' in config) return await openServer(config.clickhouse, options.access)
  if (options.access === 'owner') return await openFolder(config.embedded, 'embedded')
  const url = `http://${config.listen}`
  if (await isOwner(url, config.embedded, options.logger)) return openOverHttp(url)
  return await openFolder(config.embedded, 'reader')
}

/** The engine is half a gigabyte: it is loaded only by a process that runs it. */
async function openFolder(folder: string, kind: 'embedded' | 'reader'): Promise<Store> {
  const { openEmbedded } = await import('./embedded.ts').catch((cause: unknown) => {
    throw new UnderstudyError(
      'STORE_UNAVAILABLE',
      `the embedded ClickHouse engine cannot be loaded here (${String(cause)}): install with optional packages, or name a server in store.clickhouse`,
      { cause },
    )
  })
  return openEmbedded(folder, kind)
}

/** 2.5 s: below the 3 s after which a ClickHouse server closes an idle connection under the client. */
const transport = {
  request_timeout: 120_000,
  keep_alive: { enabled: true, idle_socket_ttl: 2500 },
  // Its log lines hold the SQL text; every failure is thrown, and logged by whoever catches it.
  log: { level: ClickHouseLogLevel.OFF },
}

type ServerConfig = Extract<StoreConfig, { clickhouse: unknown }>['clickhouse']

async function openServer(config: ServerConfig, access: StoreAccess): Promise<Store> {
  const { url, database, username, password, cluster } = config
  const place = `the server at ${new URL(url).host}; start it, or correct store.clickhouse`
  const login = { url, username, password, ...transport }
  if (access === 'owner') await createDatabase(login, config, place)
  const client = createClient({ ...login, database })
  const onAllShards = cluster === undefined ? {} : clusterSettings
  return createStore({
    client,
    kind: 'server',
    folder: null,
    place,
    readSettings: { output_format_json_quote_64bit_integers: 0, ...onAllShards },
    ...(cluster === undefined ? {} : { formsOf: (statement: string) => onCluster(statement, cluster) }),
    async insertBlock(table, { format, columns, bytes }, settings) {
      const { stream } = await client.exec({
        query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT ${format}`,
        values: Readable.from(bytes),
        clickhouse_settings: { ...settings, ...onAllShards, async_insert: 0, wait_end_of_query: 1 },
      })
      stream.resume()
    },
    close: () => client.close(),
  })
}

async function createDatabase(login: object, { database, cluster }: ServerConfig, place: string): Promise<void> {
  const client = createClient({ ...login, database: 'default' })
  try {
    await client.command({
      query: `CREATE DATABASE IF NOT EXISTS {database:Identifier}${cluster === undefined ? '' : ' ON CLUSTER {cluster:Identifier}'}`,
      query_params: { database, cluster },
    })
    const made = await client.query({
      query: "SELECT engine FROM system.tables WHERE database = {database:String} AND name = 'schema_migrations'",
      query_params: { database },
      format: 'JSONEachRow',
    })
    const [table] = await made.json<{ engine: string }>()
    if (table !== undefined) refuseOtherKind(table.engine, database, cluster)
  } catch (err) {
    throw err instanceof UnderstudyError ? err : storeError(err, place, 'query')
  } finally {
    await client.close()
  }
}

/** Tables of one server do not become those of a cluster: half of what is asked would be elsewhere. */
function refuseOtherKind(engine: string, database: string, cluster: string | undefined): void {
  if ((engine === 'Distributed') === (cluster !== undefined)) return
  const [is, cure] =
    cluster === undefined
      ? ['on a cluster', 'name the cluster in store.clickhouse.cluster']
      : ['on one server', 'name a new database in store.clickhouse.database, or leave store.clickhouse.cluster out']
  throw new UnderstudyError('CONFIG_INVALID', `the tables of the database ${database} were made ${is}: ${cure}`)
}

/** Does the process that holds this very folder answer at `url`? Something else may: ClickHouse itself listens on 8123. */
async function isOwner(url: string, folder: string, logger: Logger): Promise<boolean> {
  let theirs: string | null
  try {
    const response = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(1000) })
    await response.body?.cancel()
    theirs = response.headers.get(identityHeader)
  } catch {
    return false
  }
  const ours = ownerIdentity(folder)
  // A folder of another container is not to be seen from here; an Understudy that serves its store is then believed.
  const same = theirs !== null && (ours === null || ours === theirs)
  if (!same) logger.warn({ url, folder }, 'store.listen is answered by something that does not hold this folder')
  return same
}

function openOverHttp(url: string): Store {
  const client = createClient({ url, ...transport })
  return createStore({
    client,
    kind: 'reader',
    folder: null,
    place: `the store served at ${url}; is its process still running?`,
    readSettings: {},
    insertBlock: readOnly,
    close: () => client.close(),
  })
}
