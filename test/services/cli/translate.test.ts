import { deepEqual, equal, match } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { type TranslationReport } from '../../../services/cli/translate.ts'

const program = new URL('../../../services/cli/main.ts', import.meta.url).pathname

function translate(input: unknown, ...args: string[]) {
  const text = typeof input === 'string' ? input : JSON.stringify(input)
  const run = spawnSync(process.execPath, [program, 'translate', ...args], { input: text, encoding: 'utf8' })
  return { ...run, report: run.status === 0 ? (JSON.parse(run.stdout) as TranslationReport) : null }
}

const toHaiku = ['--from', 'openai-chat', '--to', 'anthropic-messages', '--model', 'claude-haiku-4-5']
const question = { model: 'gpt-4.1', messages: [{ role: 'user', content: 'Hi' }], temperature: 0.2, seed: 7 }

test('a request is shown as it would be sent, with what is lost and what is assumed', () => {
  const { report } = translate(question, ...toHaiku)
  deepEqual(report?.requests, [
    {
      request: 0,
      headers: { 'anthropic-version': '2023-06-01' },
      body: {
        model: 'claude-haiku-4-5',
        max_tokens: 16_384,
        messages: [{ role: 'user', content: 'Hi' }],
        temperature: 0.2,
      },
    },
  ])
  deepEqual(
    report?.losses.map(({ parameter, kind }) => [parameter, kind]),
    [['seed', 'dropped']],
  )
  deepEqual(
    report?.assumptions.map(({ parameter }) => parameter),
    ['max_tokens', 'anthropic-version'],
  )
  deepEqual(report?.untranslatable, [])
})

test('the version that is asked for decides what is lost', () => {
  const { report } = translate(question, ...toHaiku, '--api-version', '2026-10-21')
  deepEqual(report?.requests[0]?.headers, { 'anthropic-version': '2026-10-21' })
  deepEqual(
    report?.losses.map(({ parameter, severity }) => [parameter, severity]),
    [
      ['seed', 'minor'],
      ['temperature', 'material'],
    ],
  )
})

test('a move between versions is a translation too', () => {
  const call = {
    headers: { 'Anthropic-Version': '2023-06-01', 'anthropic-beta': 'x' },
    body: { model: 'claude-haiku-4-5', max_tokens: 9, temperature: 1, messages: [{ role: 'user', content: 'Hi' }] },
  }
  const within = ['--from', 'anthropic-messages', '--to', 'anthropic-messages']
  const kept = translate(call, ...within).report
  deepEqual(kept?.requests[0]?.headers, { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'x' })
  deepEqual([kept?.requests[0]?.body, kept?.losses, kept?.assumptions], [call.body, [], []])
  const moved = translate(call, ...within, '--api-version', '2026-10-21').report
  deepEqual(moved?.requests[0]?.body, { model: 'claude-haiku-4-5', max_tokens: 9, messages: call.body.messages })
  deepEqual(
    moved?.losses.map(({ parameter, severity }) => [parameter, severity]),
    [['temperature', 'minor']],
  )
})

test('each part of a list of requests says which one it belongs to', () => {
  const { report } = translate([question, { ...question, n: 3 }, question], ...toHaiku)
  deepEqual(
    report?.requests.map(({ request }) => request),
    [0, 2],
  )
  deepEqual(report?.untranslatable, [
    { request: 1, reason: 'untranslatable', detail: 'more than one answer is asked for (n)' },
  ])
})

test('what cannot be translated at all is told with its cure', () => {
  match(translate(question, '--from', 'openai-chat', '--to', 'openai-responses').stderr, /--model is missing/)
  const versioned = translate(question, '--from', 'openai-chat', '--to', 'openai-chat', '--api-version', '2026-10-21')
  match(versioned.stderr, /openai-chat has no versions/)
  match(translate(question, ...toHaiku, '--api-version', 'new').stderr, /write one such as 2023-06-01/)
  const broken = translate('{', ...toHaiku)
  equal(broken.status, 2)
  match(broken.stderr, /is not JSON/)
  deepEqual(translate('7', ...toHaiku).report?.untranslatable, [
    { request: 0, reason: 'body_not_json', detail: 'the recorded body is not a JSON object' },
  ])
})
