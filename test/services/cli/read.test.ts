import { deepEqual, equal, match } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { readAnswerBytes } from '../../../services/cli/read.ts'

const program = new URL('../../../services/cli/main.ts', import.meta.url).pathname
const fixture = new URL('../../fixtures/wire/b09-openai-compatible-usage-excludes-reasoning.json', import.meta.url)
const { sse } = (JSON.parse(readFileSync(fixture, 'utf8')) as { input: { sse: string } }).input

function run(input: string | Uint8Array, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { input, encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('a recorded stream is read from standard input, also through gzip', () => {
  const plain = run(sse, 'read', '--dialect', 'openai-chat')
  equal(plain.status, 0)
  const answer = JSON.parse(plain.stdout) as ReturnType<typeof readAnswerBytes>
  deepEqual([answer.complete, answer.outcome, answer.finish, answer.comparable], [true, 'ok', 'tool_calls', true])
  deepEqual(answer.toolCalls, [{ id: 'call_55117580', name: 'weather', arguments: { location: 'San Francisco' } }])
  equal(answer.usage?.outputTotal, 222)
  equal(run(gzipSync(sse), 'read', '--dialect', 'openai-chat', '-').stdout, plain.stdout)
})

test('an error is classed by its words and its status', () => {
  const read = (status: number, error: object) =>
    readAnswerBytes('openai-chat', status, Buffer.from(JSON.stringify({ error })))
  const refused = read(400, { type: 'invalid_request_error', code: 'unsupported_parameter', message: 'no' })
  deepEqual(
    [refused.outcome, refused.comparable, refused.errorClass, refused.retryable],
    ['error', false, 'request_invalid_for_candidate', false],
  )
  equal(read(429, { type: 'insufficient_quota' }).errorClass, 'quota')
  deepEqual([read(429, {}).errorClass, read(429, {}).retryable], ['rate_limited', true])
})

test('what cannot be read is told with its cure', () => {
  const dialect = run('', 'read', '--dialect', 'openai')
  equal(dialect.status, 2)
  match(dialect.stderr, /Allowed choices are openai-chat/)
  const status = run(sse, 'read', '--dialect', 'openai-chat', '--status', 'ok')
  match(status.stderr, /write one such as 200/)
  const empty = run('', 'read', '--dialect', 'openai-chat')
  match(empty.stderr, /standard input is empty/)
  const absent = run('', 'read', '--dialect', 'openai-chat', '/no/such/file')
  equal(absent.status, 2)
  match(absent.stderr, /check the path/)
})
