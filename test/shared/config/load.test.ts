import { deepEqual, equal, match, ok, throws } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { loadConfig, loadGates, parseConfig } from '../../../shared/config/load.ts'
import { type UnderstudyError } from '../../../shared/errors.ts'

const env = { OPENAI_API_KEY: 'sk-the-secret', ANTHROPIC_API_KEY: 'sk-ant-the-secret' }
const example = resolve(import.meta.dirname, '../../fixtures/config/example.yaml')

const minimal = `tap:
  upstreams:
    openai: { dialect: openai, baseUrl: https://api.openai.com }
providers:
  openai: { dialect: openai, baseUrl: https://api.openai.com/v1, apiKey: '\${OPENAI_API_KEY}' }
control: { provider: openai }
candidates:
  - name: mini
    provider: openai
    model: gpt-5-mini
`

function parse(text: string, environment: Record<string, string | undefined> = env) {
  return parseConfig(text, { file: '/srv/understudy/understudy.yaml', env: environment })
}

/** The lines of the message, its head left out. */
function mistakesIn(text: string, environment?: Record<string, string | undefined>): string[] {
  try {
    parse(text, environment)
  } catch (err) {
    equal((err as UnderstudyError).code, 'CONFIG_INVALID')
    const [head, ...lines] = (err as Error).message.split('\n')
    equal(head, '/srv/understudy/understudy.yaml is not usable:')
    return lines.map((line) => line.trim().replaceAll(/ {2,}/g, ' | '))
  }
  return []
}

test('health and metrics have an address by themselves unless they are switched off', () => {
  equal(parse(minimal).tap.ops, '127.0.0.1:8788')
  equal(parse(minimal.replace('tap:', 'tap:\n  ops: false')).tap.ops, false)
  equal(mistakesIn(minimal.replace('tap:', 'tap:\n  ops: true')).length, 1)
})

test('each consuming stage has an address of its own for them, or none, or none of them has', () => {
  const stages = { replay: '127.0.0.1:8789', compare: '127.0.0.1:8790', record: '127.0.0.1:8791' }
  deepEqual(parse(minimal).ops, stages)
  deepEqual(parse(`${minimal}ops: { compare: false }\n`).ops, { ...stages, compare: false })
  equal(parse(`${minimal}ops: false\n`).ops, false)
  equal(mistakesIn(`${minimal}ops: { report: 127.0.0.1:1 }\n`).length, 1)
})

test('the documented example is usable as it is', () => {
  const config = loadConfig(example, env)
  equal(config.candidates[0]?.name, 'sonnet')
  equal(config.providers.openai?.apiKey, 'sk-the-secret')
  equal(config.providers.vllm?.apiKey, '')
  equal(config.gates.quality.relative, 0.03)
})

test('what need not be written has the default that the example shows', () => {
  const [written, short] = [loadConfig(example, env), parse(minimal)]
  for (const part of ['compare', 'gates', 'prices', 'retention', 'report'] as const)
    deepEqual(short[part], written[part])
  deepEqual(short.tap.capture, written.tap.capture)
  deepEqual(short.routes, [])
})

test('relative paths start from the folder of the file, wherever the command was run', () => {
  const config = parse(`${minimal}prices: ./prices.json\n`)
  deepEqual(config.log, { embedded: '/srv/understudy/data/log.db' })
  equal(config.tap.spool.folder, '/srv/understudy/data/spool')
  deepEqual(config.store, { embedded: '/srv/understudy/data/store', listen: '127.0.0.1:8123' })
  equal(config.prices, '/srv/understudy/prices.json')
  const { log } = parse(`${minimal}log: { kafka: { brokers: ['k:9092'], claimCheck: { folder: ./large } } }\n`)
  ok('kafka' in log)
  deepEqual(log.kafka.claimCheck, { folder: '/srv/understudy/large', overBytes: 900_000, keepDays: 14 })
})

test('the keys of the store are those of the log; the active one must be among them, and ids differ', () => {
  const keys = 'keys: [{ id: k1, fromEnv: KEY_1 }, { id: k2, fromEnv: KEY_2 }]'
  const config = parse(`${minimal}store: { embedded: ./store, encryption: { ${keys}, active: k2 } }\n`)
  deepEqual(config.log.encryption, config.store.encryption)
  equal(config.log.encryption?.active, 'k2')
  for (const wrong of [`{ ${keys}, active: k3 }`, `{ ${keys.replace('k2', 'k1')}, active: k1 }`])
    throws(() => parse(`${minimal}store: { embedded: ./store, encryption: ${wrong} }\n`), { code: 'CONFIG_INVALID' })
})

test('the config cannot be changed once it is read', () => {
  const config = parse(minimal)
  ok(Object.isFrozen(config) && Object.isFrozen(config.candidates[0]) && Object.isFrozen(config.gates.quality))
  throws(() => {
    config.candidates[0]!.model = 'another'
  }, TypeError)
})

test('every mistake is named at once, with its line, its path and its cure, in the order of the file', () => {
  const text = minimal
    .replace(
      'model: gpt-5-mini',
      'model: gpt-5-mini\n    timeoutMs: 1m\n    budgetUsd: 5\n    limits: { concurrency: "8" }',
    )
    .concat('gates:\n  minDays: 3d\n  quality: { relative: 3% }\n')
  deepEqual(mistakesIn(text), [
    'line 11 | candidates[0].timeoutMs | expected a whole number of milliseconds, got "1m": write 60000',
    'line 12 | candidates[0].budgetUsd | unknown key: did you mean budgetUsdPerDay?',
    'line 13 | candidates[0].limits.concurrency | expected a whole number, got "8": write 8 without quotes',
    'line 15 | gates.minDays | expected a number of days, got "3d": write 3',
    'line 16 | gates.quality.relative | expected a number, got "3%": write 0.03',
  ])
})

test('the columns of the message line up', () => {
  const text = minimal.replace('provider: openai }', 'provider: opnai }').concat('prises: builtin\n')
  throws(() => parse(text), {
    message: [
      '/srv/understudy/understudy.yaml is not usable:',
      '  line  6  control.provider   no provider is named "opnai": did you mean openai?',
      '  line 11  prises             unknown key: did you mean prices?',
    ].join('\n'),
  })
})

const single: [mistake: string, change: (text: string) => string, expected: string][] = [
  [
    'a candidate of an unknown provider',
    (text) => text.replace('    provider: openai', '    provider: anthropic'),
    'line 9 | candidates[0].provider | no provider is named "anthropic": known: openai',
  ],
  [
    'two candidates of one name',
    (text) => `${text}  - { name: mini, provider: openai, model: gpt-5-nano }\n`,
    'line 11 | candidates[1].name | "mini" is already the name of candidates[0]: choose another',
  ],
  [
    'a candidate that takes the name of the control',
    (text) => text.replace('name: mini', 'name: control'),
    'line 8 | candidates[0].name | the name "control" is taken by the noise floor',
  ],
  [
    'a provider that may see a route that no config has',
    (text) => text.replace("apiKey: '", "routes: [suport], apiKey: '") + 'routes: [{ name: support }]\n',
    'line 5 | providers.openai.routes[0] | no route is named "suport": did you mean support?',
  ],
  [
    'a route that no config has',
    (text) => `${text}    routes: [suport]\nroutes: [{ name: support }]\n`,
    'line 11 | candidates[0].routes[0] | no route is named "suport": did you mean support?',
  ],
  [
    'a route for an upstream that is not there',
    (text) => `${text}routes: [{ name: a, match: { upstream: azure } }]\n`,
    'line 11 | routes[0].match.upstream | no upstream is named "azure": known: openai',
  ],
  [
    'a key written twice',
    (text) => `${text}prices: builtin\nprices: builtin\n`,
    'line 12 | prices | this key is written twice in the same place: keep one',
  ],
  [
    'a redaction pattern that is no regular expression',
    (text) => text.replace('tap:', 'tap:\n  redact: { patterns: [{ name: a, regex: "(" }] }'),
    'line 2 | tap.redact.patterns[0].regex | not a JavaScript regular expression: Unterminated group',
  ],
  [
    'a redaction pattern that matches everywhere',
    (text) => text.replace('tap:', 'tap:\n  redact: { patterns: [{ name: a, regex: "x*" }] }'),
    'line 2 | tap.redact.patterns[0].regex | matches the empty text, so it would mask between any two characters: use + for *',
  ],
  [
    'a port that does not exist',
    (text) => `${text}report: { listen: '127.0.0.1:99999' }\n`,
    'line 11 | report.listen | the port must be at most 65535',
  ],
  [
    'two parts on one port',
    (text) =>
      `${text}report: { listen: '127.0.0.1:8787' }\ntap2: 1\n`
        .replace('tap2: 1\n', '')
        .replace('tap:', 'tap:\n  listen: 127.0.0.1:8787'),
    'line 12 | report.listen | tap.listen listens on 127.0.0.1:8787 too: give one of them another port',
  ],
  [
    'a report that a network can reach, and nothing about who may come in',
    (text) => `${text}report: { listen: '0.0.0.0:3400' }\n`,
    'line 11 | report.listen | other machines can reach it, and nothing says who may come in: add report.access.tokens or report.access.proxy; where something else keeps strangers out, report.access.anyone: viewer',
  ],
  [
    'two tokens of one name',
    (text) =>
      `${text}report:\n  access:\n    tokens:\n      - { name: ci, fromEnv: A, role: viewer }\n      - { name: ci, fromEnv: B, role: admin }\n`,
    'line 15 | report.access.tokens[1].name | "ci" is already the name of report.access.tokens[0]: choose another',
  ],
  [
    'the tap’s own pages on its data port',
    (text) => text.replace('tap:', 'tap:\n  listen: 127.0.0.1:8787\n  ops: 127.0.0.1:8787'),
    'line 3 | tap.ops | tap.listen listens on 127.0.0.1:8787 too: give one of them another port',
  ],
  [
    'a number that YAML takes a model name for',
    (text) => text.replace('gpt-5-mini', '4.1'),
    "line 10 | candidates[0].model | expected text, got 4.1: write '4.1'",
  ],
  [
    'a missing section that may be of several kinds',
    (text) => text.replace('control: { provider: openai }\n', ''),
    'line 1 | control | missing: expected false, or a mapping with provider, timeoutMs, limits, budgetUsdPerDay',
  ],
  [
    'a missing key, at the line of what should hold it',
    (text) => text.replace('    model: gpt-5-mini\n', ''),
    'line 8 | candidates[0].model | missing: expected text',
  ],
  [
    'a missing key that may have two shapes',
    (text) => text.replace('control: { provider: openai }\n', ''),
    'line 1 | control | missing: expected false, or a mapping with provider, timeoutMs, limits, budgetUsdPerDay',
  ],
  [
    'a misspelt choice between two shapes',
    (text) => `${text}log: { embeded: ./log.db }\n`,
    'line 11 | log.embeded | unknown key: did you mean embedded?',
  ],
  [
    'a mistake inside the shape that was meant',
    (text) => `${text}log: { kafka: { brokers: localhost:9092 } }\n`,
    'line 11 | log.kafka.brokers | expected a list, got "localhost:9092": write ["localhost:9092"]',
  ],
  [
    'a word that is not among the choices',
    (text) =>
      text.replace(
        'dialect: openai, baseUrl: https://api.openai.com }',
        'dialect: opnai, baseUrl: https://api.openai.com }',
      ),
    'line 3 | tap.upstreams.openai.dialect | expected one of openai, anthropic, got "opnai": did you mean openai?',
  ],
]

for (const [mistake, change, expected] of single) {
  test(`${mistake} is named with its line and its cure`, () => deepEqual(mistakesIn(change(minimal)), [expected]))
}

test('an unset environment variable is named with the line that needs it', () => {
  deepEqual(mistakesIn(minimal, {}), [
    'line 5 | providers.openai.apiKey | environment variable OPENAI_API_KEY is not set, or empty: export OPENAI_API_KEY=… before starting',
  ])
})

test('a variable may be part of a text, and a doubled dollar keeps it from being one', () => {
  const text = `${minimal}    system: 'Answer as \${ROLE}; keep $\${ROLE} and {{system}}'\n`
  const config = parse(text, { ...env, ROLE: 'a clerk' })
  equal(config.candidates[0]?.system, 'Answer as a clerk; keep ${ROLE} and {{system}}')
})

test('no message shows a secret, however it was misplaced', () => {
  const secret = 'sk-live-4242'
  const broken = [
    minimal.replace("'${OPENAI_API_KEY}'", `{ value: ${secret} }`),
    minimal.replace("'${OPENAI_API_KEY}'", '42424242').concat(`password: ${secret}\n`),
    minimal.replace('https://api.openai.com/v1', "'${OPENAI_API_KEY}'"),
    minimal.replace('https://api.openai.com/v1', `'ftp://user:${secret}@host'`),
    minimal.replace("'${OPENAI_API_KEY}'", `"${secret}`),
    `${minimal}\n ${secret}: [${secret}\n`,
  ]
  for (const text of broken) {
    const lines = mistakesIn(text, { OPENAI_API_KEY: secret })
    ok(lines.length > 0, text)
    for (const line of lines) ok(!line.includes(secret) && !line.includes('42424242'), line)
  }
})

test('a file that is no YAML is told apart from one that says the wrong thing', () => {
  match(mistakesIn('tap: [')[0]!, /^line 1 \| \(whole file\) \| not valid YAML: /)
  match(mistakesIn('')[0]!, /^line 1 \| \(whole file\) \| expected a mapping with tap, .*, got nothing$/)
  match(mistakesIn('tap: *missing')[0]!, /not valid YAML: an alias/)
})

test('what is no YAML is told where it begins, and a variable without quotes in braces with its cure', () => {
  const lines = mistakesIn(minimal.replace("'${OPENAI_API_KEY}'", '${OPENAI_API_KEY}').replace(/\n$/, '\n]]\n: }\n'))
  equal(lines.length, 1)
  ok(lines[0]!.endsWith("inside of { } a ${VARIABLE} needs quotes: '${OPENAI_API_KEY}'"), lines[0]!)
  const other = mistakesIn('tap: {\n  upstreams: [\n')
  equal(other.length, 1)
  ok(!other[0]!.includes('VARIABLE'))
})

test('a missing file says how to make one', () => {
  throws(() => loadConfig('/nowhere/understudy.yaml', {}), {
    code: 'CONFIG_NOT_FOUND',
    message: '/nowhere/understudy.yaml is not there: run `understudy init`, or name it with --config',
  })
})

test('margins alone are read from a file that need hold nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-gates-'))
  const file = join(folder, 'gates.yaml')
  const gatesIn = (text: string) => {
    writeFileSync(file, text)
    return loadGates(file, {})
  }
  try {
    equal(gatesIn('gates: { quality: { relative: 0.05 } }\n').quality.relative, 0.05)
    equal(gatesIn(minimal).quality.relative, 0.03)
    equal(gatesIn('').alpha, 0.05)
    throws(
      () => gatesIn('gates: { quality: { relativ: 0.05 } }'),
      /line 1 {2}gates\.quality\.relativ +unknown key: did you/,
    )
    throws(() => gatesIn('gates: { alpha: 0.1, alpha: 0.2 }'), /written twice/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

const judged = (rest: string): string => `${minimal}compare: { judge: { provider: openai, ${rest} } }\n`

test('a judge of a candidate’s family is refused with both ways out, and taken where that is said to be meant', () => {
  const [mistake, ...others] = mistakesIn(judged('model: gpt-6-sol'))
  equal(others.length, 0)
  match(mistake!, /compare\.judge\.model.*candidates\[0\] \(gpt-5-mini\).*another family, or set allowOwnFamily: true/)
  deepEqual(mistakesIn(judged('model: gpt-6-sol, allowOwnFamily: true')), [])
  deepEqual(mistakesIn(judged('model: gemini-3.8-flash')), [])
})

test('a rubric is for a route that exists, and vectors are asked for where they can be had', () => {
  match(mistakesIn(judged('model: gemini-3.8-flash, rubrics: { suport: x }'))[0]!, /no route is named "suport"/)
  const anthropic = minimal
    .replace('providers:', 'providers:\n  claude: { dialect: anthropic, baseUrl: https://api.anthropic.com }')
    .concat('compare: { embeddings: { provider: claude, model: voyage } }\n')
  match(mistakesIn(anthropic)[0]!, /has no embeddings: name a provider of the dialect openai/)
})

test('what a judge is asked about is told by its own settings, and its budget is its own', () => {
  const { judge } = parse(judged('model: gemini-3.8-flash, budgetUsdPerDay: 5, sample: 0.1')).compare
  ok(judge !== false)
  deepEqual([judge.sample, judge.budgetUsdPerDay, judge.allowOwnFamily, judge.limits.concurrency], [0.1, 5, false, 8])
})

const signed = 'reason: "cosmetic", author: ana, expires: 2027-03-31'

test('a waiver says what it covers, why, who and until when', () => {
  const waivers = [
    `{ path: '/items/*/id', arm: mini, route: default, ${signed} }`,
    `{ path: items, ${signed} }`,
    `{ arm: minni, ${signed} }`,
    `{ rung: refusals, author: '', reason: ok, expires: 2027-02-31 }`,
    `{ pattern: '(', ${signed} }`,
    `{ pattern: 'x*', ${signed} }`,
    `{ path: '/items/*/id', arm: mini, route: default, reason: again, author: ben, expires: 2027-01-01 }`,
  ]
  const text = `${minimal}waivers:\n${waivers.map((waiver) => `  - ${waiver}\n`).join('')}`

  deepEqual(mistakesIn(text), [
    'line 13 | waivers[1].path | expected a JSON pointer, such as /items/*/id, got "items"',
    'line 14 | waivers[2] | would waive every difference: say which with rung, path or pattern',
    'line 14 | waivers[2].arm | no arm is named "minni": did you mean mini?',
    'line 15 | waivers[3].rung | expected one of refusal, finish, format, tools, json, label, facts, text, scorer, got "refusals": did you mean refusal?',
    'line 15 | waivers[3].author | say who accepts it, got ""',
    'line 15 | waivers[3].expires | expected a day, such as 2027-03-31, got "2027-02-31"',
    'line 16 | waivers[4].pattern | not a JavaScript regular expression: Unterminated group',
    'line 17 | waivers[5].pattern | matches the empty text, so it would waive every difference: use + for *',
    'line 18 | waivers[6] | covers the same as waivers[0]: keep one',
  ])
})

test('waivers may stand in a file of their own, whose mistakes name that file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-waivers-'))
  const file = join(folder, 'accepted.yaml')
  const load = () =>
    parseConfig(`${minimal}waiversFile: accepted.yaml\n`, { file: join(folder, 'understudy.yaml'), env })
  try {
    throws(load, { code: 'CONFIG_NOT_FOUND', message: /accepted\.yaml is not there/ })
    writeFileSync(file, `waivers:\n  - { path: /id, arm: mini, ${signed} }\n`)
    deepEqual(
      load().waivers.map(({ path, expires }) => [path, expires]),
      [['/id', '2027-03-31']],
    )
    writeFileSync(file, `waivers:\n  - { path: /id, arm: nobody, ${signed} }\n`)
    throws(load, { code: 'CONFIG_INVALID', message: /accepted\.yaml is not usable:\n +line 2 +waivers\[0\]\.arm/ })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
