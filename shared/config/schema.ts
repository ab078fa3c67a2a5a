import { z } from 'zod'
import { Task } from '../contracts/exchange.ts'
import { Role } from '../contracts/session.ts'

const name = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'use lower-case letters, digits and dashes')
const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:/\s]+):\d{1,5}$/, 'expected host:port, such as 127.0.0.1:8787')
  .refine((value) => Number(value.slice(value.lastIndexOf(':') + 1)) <= 65_535, 'the port must be at most 65535')
const httpUrl = z.url({ protocol: /^https?$/, error: 'expected an http or https URL' })
const opsAddress = (port: number) => z.union([z.literal(false), address]).default(`127.0.0.1:${port}`)
const noMargin =
  'a margin of 0 is passed only by a candidate that is strictly better: write what you can accept, such as 0.02'
const share = z.number().positive(noMargin).lt(1, 'a share of 1 and more excludes nothing: write 0.03 for 3 %')
const words = (what: string) => z.string().regex(/\S/, `say ${what}`)
/** Which family of wire formats an endpoint speaks; the path tells the rest. */
const dialectFamily = z.enum(['openai', 'anthropic'])

const gate = <Shape extends z.ZodRawShape>(shape: Shape, blocking = true) =>
  z.strictObject({ ...shape, blocking: z.boolean().default(blocking) }).prefault({} as never)

export const Upstream = z.strictObject({ dialect: dialectFamily, baseUrl: httpUrl })

export const Tap = z.strictObject({
  listen: address.default('127.0.0.1:8787'),
  /** Health, readiness and metrics, never on the data port. */
  ops: opsAddress(8788),
  /** More than one where one core is not enough: they share address, ops port and the bound of the spool. */
  processes: z.int().positive().max(64).default(1),
  upstreams: z.record(name, Upstream),
  sample: z
    .strictObject({
      rate: z.number().gt(0).lte(1).default(1),
      by: z.enum(['request', 'conversation']).default('request'),
    })
    .prefault({}),
  /** Requests with such a header are never captured: tenants, say, who have not agreed. */
  optOut: z
    .array(
      z.strictObject({
        header: z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be the name of a header'),
        values: z.array(z.string().min(1)).min(1),
      }),
    )
    .default([]),
  /** Header that names the tenant. Only a salted hash of its value is kept: `understudy erase --tenant NAME` finds it. */
  tenantHeader: z
    .string()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be the name of a header')
    .default('x-understudy-tenant'),
  capture: z
    .strictObject({
      mode: z.enum(['full', 'redacted', 'metadata']).default('redacted'),
      maxBodyBytes: z.int().positive().default(4_194_304),
    })
    .prefault({}),
  redact: z
    .strictObject({
      builtin: z.boolean().default(true),
      patterns: z.array(z.strictObject({ name, regex: z.string().min(1) })).default([]),
    })
    .prefault({}),
  spool: z
    .strictObject({
      folder: z.string().min(1).default('./data/spool'),
      maxBytes: z.int().positive().default(1_073_741_824),
      whenFull: z.enum(['drop_oldest', 'drop_newest']).default('drop_newest'),
    })
    .prefault({}),
})

export const EmbeddedLog = z.strictObject({ embedded: z.string().min(1) })
const claimRules = {
  /** Of a record, compressed; what brokers take by default is a little more. */
  overBytes: z.int().positive().default(900_000),
  /** Longer than the topics keep records. */
  keepDays: z.int().positive().default(14),
}
const ClaimBucket = z
  .strictObject({
    bucket: z.string().min(1),
    prefix: z.string().default('understudy/'),
    region: z.string().default('us-east-1'),
    /** Of storage that is not Amazon's. */
    endpoint: httpUrl.optional(),
    /** Left out: the process's own credentials, from its environment or its role. */
    accessKeyId: z.string().min(1).optional(),
    secretAccessKey: z.string().min(1).optional(),
  })
  .refine(({ accessKeyId, secretAccessKey }) => (accessKeyId === undefined) === (secretAccessKey === undefined), {
    path: ['secretAccessKey'],
    error: 'expected both accessKeyId and secretAccessKey, or neither',
  })
export type ClaimBucket = z.infer<typeof ClaimBucket>

/** Where records go that are too large for the topics; a claim to them is published instead. */
const ClaimCheck = z.union([
  z.strictObject({ ...claimRules, folder: z.string().min(1) }),
  z.strictObject({ ...claimRules, s3: ClaimBucket }),
])
export type ClaimCheck = z.infer<typeof ClaimCheck>

export const KafkaLog = z.strictObject({
  kafka: z.strictObject({
    brokers: z.array(z.string().min(1)).min(1),
    prefix: name.default('understudy'),
    partitions: z.int().positive().default(8),
    replicationFactor: z.int().positive().default(1),
    ssl: z.boolean().default(false),
    sasl: z
      .strictObject({
        mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
        username: z.string(),
        password: z.string(),
      })
      .optional(),
    claimCheck: ClaimCheck.optional(),
  }),
})

/** Texts of users are sealed with AES-256-GCM, in the store, the log and the spool. */
export const Encryption = z
  .strictObject({
    /** Each in an environment variable of its own: 32 bytes in base64 or hex. Keep one for as long as anything is sealed with it. */
    keys: z.array(z.strictObject({ id: name, fromEnv: z.string().min(1) })).min(1),
    /** What is written from now on is sealed with this one. Left out: nothing more is sealed. */
    active: z.string().optional(),
  })
  .refine(({ keys }) => new Set(keys.map(({ id }) => id)).size === keys.length, 'two keys have the same id')
  .refine(({ keys, active }) => active === undefined || keys.some(({ id }) => id === active), {
    path: ['active'],
    error: 'expected the id of one of the keys',
  })
export type EncryptionConfig = z.infer<typeof Encryption>

export const EmbeddedStore = z.strictObject({
  embedded: z.string().min(1),
  listen: address.default('127.0.0.1:8123'),
  encryption: Encryption.optional(),
})
export const ClickHouseStore = z.strictObject({
  clickhouse: z.strictObject({
    url: httpUrl,
    database: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .default('understudy'),
    username: z.string().default('default'),
    password: z.string().default(''),
    /** Of the server's `remote_servers`: tables are then replicated on each shard and asked over all of them. */
    cluster: z
      .string()
      .regex(/^[A-Za-z0-9_-]+$/)
      .optional(),
  }),
  encryption: Encryption.optional(),
})

export const RouteMatch = z.strictObject({
  upstream: z.string().optional(),
  /** `*` stands for any run of characters. */
  model: z.string().optional(),
  /** `*` stands for any run of characters. */
  path: z.string().optional(),
  headers: z.record(z.string(), z.string()).default({}),
})
/**
 * Where a contradicted fact makes the quality of an answer 0. `text`: in free text. `all`: also in the text beside a tool call or
 * a label and in prose within JSON. `none`: nowhere, it then counts as one thing of all that were stated.
 */
export const FactVeto = z.enum(['text', 'all', 'none'])
export type FactVeto = z.infer<typeof FactVeto>
export const Route = z.strictObject({
  name,
  match: RouteMatch.prefault({}),
  task: Task.optional(),
  /** Answers are to be taken from texts in the request, and lose quality by what is not in them. Default: only measured, where a request has such texts. */
  grounded: z.boolean().optional(),
  /** Default: `compare.factVeto`. */
  factVeto: FactVeto.optional(),
})

export const Provider = z.strictObject({
  dialect: dialectFamily,
  baseUrl: httpUrl.refine((url) => {
    const parsed = URL.parse(url)
    return parsed === null || (parsed.username === '' && parsed.password === '')
  }, 'the address holds a user or a password: give the key as apiKey'),
  apiKey: z.string().default(''),
  /** Its name may resolve to a private address. Not needed where the name says so itself: localhost, 10.0.0.7, vllm. */
  privateNetwork: z.boolean().default(false),
  /** The only routes whose exchanges it may see. Default: all. */
  routes: z.array(z.string()).min(1).optional(),
  /** Of all arms that ask it, together. */
  limits: z
    .strictObject({
      concurrency: z.int().positive().optional(),
      requestsPerMinute: z.int().positive().optional(),
      tokensPerMinute: z.int().positive().optional(),
    })
    .prefault({}),
})

/** Of one arm, in all workers of the group together. */
const limits = z
  .strictObject({
    concurrency: z.int().positive().default(8),
    requestsPerMinute: z.int().positive().optional(),
    tokensPerMinute: z.int().positive().optional(),
  })
  .prefault({})

export const Control = z.strictObject({
  provider: z.string(),
  timeoutMs: z.int().positive().default(60_000),
  limits,
  budgetUsdPerDay: z.number().positive().optional(),
})

export const Candidate = z.strictObject({
  name: name.refine((value) => value !== 'control', 'the name "control" is taken by the noise floor'),
  provider: z.string(),
  model: z.string().min(1),
  routes: z.array(z.string()).min(1).optional(),
  /** Replaces the system prompt; `{{system}}` stands for the recorded one. Null: as recorded. */
  system: z.string().nullable().default(null),
  parameters: z.record(z.string(), z.json()).default({}),
  /** `anthropic-version` to ask under. Default: that of the recorded call, else the one under which least is lost. */
  apiVersion: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/, 'expected a version such as 2023-06-01')
    .optional(),
  /** `anthropic-beta`, in place of the recorded call's; `[]` asks for none. Default: as recorded. */
  betas: z
    .array(z.string().regex(/^[\w.-]+$/, 'expected the name of a beta, such as context-1m-2025-08-07'))
    .optional(),
  timeoutMs: z.int().positive().default(60_000),
  limits,
  budgetUsdPerDay: z.number().positive().optional(),
})

export const Compare = z
  .strictObject({
    /** Threads that score. Default: one less than there are cores, and at least one. */
    workers: z.int().positive().max(256).optional(),
    /** Pairs whose request lost something of this severity or a graver one in translation are in no gate. */
    excludeLosses: z.enum(['minor', 'material']).default('material'),
    /** Ways of comparing of your own. */
    scorers: z
      .array(
        z.strictObject({
          /** Key in `scores`. */
          name: z.string().regex(/^[a-z][a-z0-9_]*$/, 'use lower-case letters, digits and underscores'),
          /** Path of a module that exports a function `score`. */
          module: z.string().min(1),
          /** For one answer. */
          timeoutMs: z.int().positive().max(60_000).default(1_000),
          /** `quality`: it lowers the quality of an answer to its score, and never raises it. */
          as: z.enum(['score', 'quality']).default('score'),
        }),
      )
      .default([]),
    judge: z
      .union([
        z.literal(false),
        z.strictObject({
          provider: z.string(),
          model: z.string().min(1),
          /** What makes one answer better than another; in place of the built-in one. */
          rubric: z.string().min(1).optional(),
          /** By route, in place of `rubric`. */
          rubrics: z.record(z.string(), z.string().min(1)).default({}),
          /** Share of the exchanges of which all texts are judged, and not only those that nothing cheaper can decide. */
          sample: z.number().min(0).lte(1).default(0),
          parameters: z.record(z.string(), z.json()).default({}),
          timeoutMs: z.int().positive().default(60_000),
          limits,
          budgetUsdPerDay: z.number().positive().optional(),
          /** The judge may be of the family of a model that it judges. */
          allowOwnFamily: z.boolean().default(false),
        }),
      ])
      .default(false),
    embeddings: z
      .union([
        z.literal(false),
        z.strictObject({
          provider: z.string(),
          model: z.string().min(1),
          timeoutMs: z.int().positive().default(30_000),
        }),
      ])
      .default(false),
    factVeto: FactVeto.default('text'),
  })
  .prefault({})

export const Replay = z
  .strictObject({
    /** How long exchanges wait for a candidate that is paused or whose provider is left alone, before the others go on. */
    armWaitMs: z.int().nonnegative().default(600_000),
    /** `bust`: no arm finds its prompt in a provider's cache, so that neither is helped by what was asked before. */
    promptCache: z.enum(['keep', 'bust']).default('keep'),
    /** `live`: at the rhythm the exchanges were captured at; `4x`: four times as fast; `asap`: as fast as the limits allow. */
    pace: z
      .string()
      .regex(/^(asap|live|(?!0+(\.0+)?x)\d{1,4}(\.\d+)?x)$/, 'expected asap, live, or a multiple such as 4x')
      .default('asap'),
  })
  .prefault({})

/** A difference that the team accepts. One that every key of it fits is waived. */
export const Waiver = z.strictObject({
  rung: z.enum(['refusal', 'finish', 'format', 'tools', 'json', 'label', 'facts', 'text', 'scorer']).optional(),
  /** JSON pointer of the field; `*` stands for any run of characters. */
  path: z.string().startsWith('/', 'expected a JSON pointer, such as /items/*/id').optional(),
  /** Regular expression over the difference's message, the served and the arm's part. */
  pattern: z.string().min(1).optional(),
  route: z.string().optional(),
  /** Default: every arm, the control too. */
  arm: z.string().optional(),
  reason: words('why it is accepted'),
  author: words('who accepts it'),
  /** Last day (UTC) on which comparisons are made with it. */
  expires: z.iso.date('expected a day, such as 2027-03-31'),
})

/** What counts as one observation. Incidents of a provider make the requests of an hour alike, not those of a conversation. */
const unit = z.enum(['conversation', 'hour']).default('conversation')

/** Margins (method: section 2 of the statistics in README). Fixed before the first look; never from the same data. */
export const Gates = z
  .strictObject({
    quality: gate({ relative: share.default(0.03) }),
    divergence: gate({ relative: z.number().nonnegative().default(0.2), absolute: share.default(0.02) }, false),
    errors: gate({ absolute: share.default(0.01), ceiling: share.default(0.05), unit }),
    ttftP50: gate({
      relative: z.number().positive(noMargin).default(0.2),
      absoluteMs: z.number().nonnegative().default(200),
      unit,
    }),
    ttftP95: gate({
      relative: z.number().positive(noMargin).default(0.2),
      absoluteMs: z.number().nonnegative().default(200),
      unit,
    }),
    totalP95: gate(
      { relative: z.number().positive(noMargin).default(0.2), absoluteMs: z.number().nonnegative().default(200), unit },
      false,
    ),
    cost: gate({ relative: z.number().positive(noMargin).default(0.02) }),
    minDays: z.number().nonnegative().default(3),
    /** Of a false GO, over all attempts with one candidate. */
    alpha: z.number().gt(0).lte(0.2).default(0.05),
    /** Only one of the candidates will be taken: each is then held to its part of alpha. */
    candidatesCompete: z.boolean().default(false),
    /** The most conversations that count; what is undecided then stays so. Default: no limit. */
    maxUnits: z.int().min(100, 'a verdict needs 100 conversations: write 100 or more').optional(),
    /** Minutes in which an arm's provider fails do not count as the other arm's merit, nor alone as NO-GO. */
    excludeIncidents: z.boolean().default(true),
  })
  .prefault({})

/** What traffic can be cut by: `length` of the prompt, `tier` of the tenant (header x-understudy-tier, else metadata.tier). */
export const Dimension = z.enum(['route', 'task', 'language', 'tools', 'length', 'tier', 'hour'])
export type Dimension = z.infer<typeof Dimension>

/** Kinds of traffic that are judged by themselves, too, at twice the margins. */
export const Slices = z
  .strictObject({
    by: z.array(Dimension).default(['route', 'task', 'language', 'tools', 'length', 'tier']),
    /** Look for the worst kind of traffic among those that nobody declared, and confirm it on the other half. */
    find: z.boolean().default(true),
  })
  .prefault({})

const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be the name of a header')

/** Who may see the report, and what they may do there. */
export const Access = z
  .strictObject({
    /** Role of whoever is not known by a token or a proxy. Default: admin on a loopback address where nothing else is set, else nobody. */
    anyone: z.union([z.literal(false), Role]).optional(),
    /** `Authorization: Bearer …`, or typed into the sign-in page. */
    tokens: z
      .array(
        z.strictObject({
          name,
          /** The environment variable that holds it: 24 characters and more. */
          fromEnv: z.string().min(1),
          /** `intake` may hand exchanges in (`POST /v1/exchanges`) and see nothing. */
          role: z.enum([...Role.options, 'intake']),
          /** Last day (UTC) on which it is taken. */
          expires: z.iso.date('expected a day, such as 2027-03-31').optional(),
        }),
      )
      .default([]),
    /** A proxy before the report that knows its users and says who asks. */
    proxy: z
      .union([
        z.literal(false),
        z.strictObject({
          /** Holds the user's name: x-forwarded-user. */
          header: headerName,
          /** Holds groups, with commas between them: each counts as a name `group:NAME`. */
          groupsHeader: headerName.optional(),
          /** Addresses and networks (10.0.0.0/8) that are believed; headers from elsewhere are not read. */
          from: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).min(1),
          /** Names by role, the highest that fits counts; `*` stands for any run of characters. */
          roles: z.strictObject(
            Object.fromEntries(Role.options.map((role) => [role, z.array(z.string().min(1)).default([])])) as Record<
              Role,
              z.ZodDefault<z.ZodArray<z.ZodString>>
            >,
          ),
        }),
      ])
      .default(false),
    /** The lowest role that is shown what users and models said. */
    bodies: Role.default('reviewer'),
    /** How long a browser stays signed in. */
    sessionHours: z.number().positive().max(720).default(12),
  })
  .prefault({})

export const Config = z.strictObject({
  tap: Tap,
  log: z.union([EmbeddedLog, KafkaLog]).default({ embedded: './data/log.db' }),
  store: z.union([EmbeddedStore, ClickHouseStore]).prefault({ embedded: './data/store' }),
  routes: z.array(Route).default([]),
  providers: z.record(name, Provider),
  control: z.union([z.literal(false), Control]),
  candidates: z.array(Candidate).min(1, 'name at least one candidate'),
  replay: Replay,
  compare: Compare,
  waivers: z.array(Waiver).default([]),
  /** More of them, in a file of their own under the same key. */
  waiversFile: z.string().min(1).optional(),
  gates: Gates,
  slices: Slices,
  prices: z.string().default('builtin'),
  retention: z
    .strictObject({ bodiesDays: z.int().positive().default(30), metricsDays: z.int().positive().default(400) })
    .prefault({}),
  /** Health, readiness and metrics of the stages that consume. */
  ops: z
    .union([
      z.literal(false),
      z.strictObject({ replay: opsAddress(8789), compare: opsAddress(8790), record: opsAddress(8791) }),
    ])
    .prefault({}),
  /** How much of what was compared people are shown by chance, so that their labels stand for all of it. */
  review: z
    .strictObject({
      /** Of the pairs that are equivalent. */
      passes: z.number().min(0).lte(1).default(0.02),
      /** Of those that differ. */
      failures: z.number().min(0).lte(1).default(0.1),
    })
    .prefault({}),
  report: z
    .strictObject({
      listen: address.default('127.0.0.1:3400'),
      /** Gets `{ "text": … }` when a verdict changes: Slack's incoming webhook, or its like. */
      webhook: z.union([z.literal(false), httpUrl]).default(false),
      access: Access,
    })
    .prefault({}),
})
export type Config = Omit<z.infer<typeof Config>, 'log'> & { log: LogConfig }
/** With `store.encryption`, so that whoever opens the log has the keys. */
export type LogConfig = z.infer<typeof Config>['log'] & { encryption?: EncryptionConfig | undefined }
export type TapConfig = Config['tap']
export type StoreConfig = Config['store']
export type RouteConfig = Config['routes'][number]
export type ProviderConfig = Config['providers'][string]
export type WaiverConfig = Config['waivers'][number]
export type CandidateConfig = Config['candidates'][number]
export type JudgeConfig = Exclude<Config['compare']['judge'], false>
export type GatesConfig = Config['gates']
export type SlicesConfig = Config['slices']
export type AccessConfig = Config['report']['access']
