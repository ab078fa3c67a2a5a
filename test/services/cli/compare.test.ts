import { deepEqual, equal, match, rejects } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compareFile } from '../../../services/cli/compare.ts'

async function compared(content: string) {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-compare-'))
  try {
    const file = join(folder, 'pairs.jsonl')
    writeFileSync(file, content)
    let written = ''
    const summary = await compareFile(file, (line) => (written += line), true)
    return {
      summary,
      lines: written
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const pair = (id: string, served: unknown, candidate: unknown, more = {}): string =>
  `${JSON.stringify({ id, ...more, served, candidate })}\n`

test('each pair gets its outcome, what decided it, and its differences with path and severity', async () => {
  const { lines, summary } = await compared(
    pair('a', 'It costs 5 EUR.', 'It costs 5 EUR.') +
      pair('b', '{"a":1,"b":[1]}', '{"b":[2],"a":1}') +
      pair('c', 'You must not open it.', 'You must open it.') +
      pair('d', 'Happy to help you with the garden.', 'The garden is a pleasure.'),
  )
  deepEqual(
    lines.slice(0, 4).map(({ id, outcome, decidedBy }) => [id, outcome, decidedBy]),
    [
      ['a', 'same', 'identical'],
      ['b', 'harmful', 'json'],
      ['c', 'harmful', 'facts'],
      ['d', 'unsure', 'text'],
    ],
  )
  const [{ message, ...difference }] = lines[1].differences
  deepEqual(difference, {
    rung: 'json',
    kind: 'changed',
    path: '/b/0',
    served: '1',
    candidate: '2',
    severity: 'harmful',
  })
  match(message, /changed/)
  equal(lines[2].differences[0].kind, 'negation')
  deepEqual(summary, {
    pairs: 4,
    errors: 0,
    outcomes: { same: 1, harmless: 0, harmful: 2, unsure: 1 },
    unsureShare: 0.25,
  })
  deepEqual(lines[4], { summary })
})

test('a line that cannot be read is told with its number and cure, and the others are compared', async () => {
  const { lines, summary } = await compared(
    `no json\n\n{"id":"x","served":1,"candidate":"b"}\n${pair('y', 'a', 'a')}${pair('z', 'a', 'a', { task: 'poem' })}${pair('w', 'a', 'a', { request: 7 })}[]`,
  )
  deepEqual(
    lines.flatMap(({ error }) => (error ? [error.line] : [])),
    [1, 3, 5, 6, 7],
  )
  match(lines[0].error.message, /^line 1: is not a JSON object: write one pair/)
  equal(lines[1].error.id, 'x')
  equal(lines[2].outcome, 'same')
  deepEqual([summary.pairs, summary.errors], [1, 5])
})

test('an empty file and one that is not there are errors', async () => {
  await rejects(compared('\n\n'), /is empty: give one pair a line/)
  await rejects(
    compareFile('/nowhere/pairs.jsonl', () => {}, true),
    /cannot be read \(ENOENT\)/,
  )
})
