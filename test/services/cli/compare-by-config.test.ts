import { deepEqual, equal, match } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

const program = new URL('../../../services/cli/main.ts', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'understudy-compare-config-'))
const config = join(folder, 'settings.yaml')
after(() => rmSync(folder, { recursive: true }))

before(() => {
  writeFileSync(
    join(folder, 'short.mjs'),
    `export function score({ request, arm }) { if (arm.text === 'exit') process.exit(); return request?.brief && arm.text.length > 20 ? 0.5 : 1 }`,
  )
  writeFileSync(
    config,
    `tap: { upstreams: { openai: { dialect: openai, baseUrl: 'http://127.0.0.1:9' } } }
providers: { openai: { dialect: openai, baseUrl: 'http://127.0.0.1:9' } }
control: { provider: openai }
candidates: [{ name: small, provider: openai, model: small }]
routes:
  - { name: invoice, match: { path: /invoice }, task: json, factVeto: all }
  - { name: kind, match: { path: /kind }, task: label }
waivers:
  - { rung: json, path: /id, route: invoice, arm: small, reason: made up by both, author: ana, expires: 2099-12-31 }
  - { rung: json, path: /total, reason: no longer so, author: ana, expires: 2020-01-31 }
compare: { scorers: [{ name: short, module: ./short.mjs, as: quality }] }
`,
  )
})

function run(lines: object[], ...args: string[]) {
  const input = lines.map((line) => JSON.stringify(line)).join('\n')
  const all = [program, 'compare', '--file', '-', ...args]
  return spawnSync(process.execPath, all, { input, encoding: 'utf8', cwd: folder })
}

function compared(lines: object[], ...args: string[]) {
  const { status, stdout, stderr } = run(lines, '--json', ...args)
  equal(status, 0, stdout + stderr)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const invoice = { route: 'invoice', served: '{"id":1,"total":5}', candidate: '{"id":2,"total":5}' }

test('what a waiver of the config covers does not count, for its route and arm and as long as it is in force', () => {
  const lines = [
    invoice,
    { ...invoice, route: 'ticket' },
    { ...invoice, arm: 'control' },
    { ...invoice, candidate: '{"id":1,"total":6}' },
  ]
  const found = compared(lines, '--config', config).slice(0, 4)
  deepEqual(
    found.map(({ outcome, quality }) => [outcome, quality]),
    [
      ['harmless', 1],
      ['harmful', 0.5],
      ['harmful', 0.5],
      ['harmful', 0.5],
    ],
  )
  match(found[0].differences[0].waivedBy, /^[0-9a-f]{8}$/)
  match(run([invoice], '-c', config).stdout, /^harmless .*\n {4}\/id changed \(waived\)\n/)
})

test('a scorer of the config lowers the quality, sees the request, and cannot end the command', () => {
  const long = { served: 'It is open until nine.', candidate: 'It is open until nine in the evening.' }
  const [brief, free, exits] = compared(
    [{ ...long, request: { brief: true } }, long, { served: 'yes', candidate: 'exit' }],
    '--config',
    config,
  )
  deepEqual([brief.decidedBy, brief.outcome, brief.quality, brief.scores.short], ['scorer', 'harmful', 0.5, 0.5])
  deepEqual([free.scores.short, free.decidedBy === 'scorer'], [1, false])
  match(exits.notScored.short, /must not end the process/)
})

test('a line takes task and settings of its route, and without --config no file is read', () => {
  const line = { route: 'kind', served: 'It is a refund, please.', candidate: 'It is a refund please' }
  equal(compared([line], '--config', config)[0].task, 'label')
  writeFileSync(join(folder, 'understudy.yaml'), 'no config')
  const [plain, summary] = compared([line])
  deepEqual([plain.task, plain.scores.short, summary.summary.pairs], ['text', undefined, 1])
})

test('a config that is not there, a scorer that cannot be loaded and a name that is none are told with a cure', () => {
  const absent = run([invoice], '--config', 'nowhere.yaml')
  deepEqual([absent.status, /nowhere\.yaml/.test(absent.stderr)], [2, true])
  const broken = join(folder, 'broken.yaml')
  writeFileSync(broken, readFileSync(config, 'utf8').replace('short.mjs', 'gone.mjs'))
  const gone = run([invoice], '--config', broken)
  equal(gone.status, 2)
  match(gone.stderr, /compare\.scorers short: .*gone\.mjs cannot be read \(ENOENT\): the path starts from the folder/)
  const unnamed = run([{ ...invoice, route: 7 }], '--config', config)
  equal(unnamed.status, 2)
  match(unnamed.stdout, /"route" is no name: give a text, or leave it out/)
})
