import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { builtinDetectors } from '../../../services/tap/detectors.ts'
import { createRedactor } from '../../../services/tap/redact.ts'
import { redactJson } from '../../../services/tap/redact-json.ts'

const builtin = () => createRedactor({ builtin: true, patterns: [] })()
const custom = (...patterns: { name: string; regex: string }[]) => createRedactor({ builtin: false, patterns })

const random = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3gH6jK9m'

const hits: [label: string, secret: string][] = [
  ['KEY', `sk-${random}`],
  ['KEY', `sk-proj-${random}T3BlbkFJ${random}`],
  ['KEY', `sk-ant-api03-${random}-_${random}AA`],
  ['KEY', 'AKIAIOSFODNN7EXAMPLE'],
  ['KEY', 'ASIAY34FZKBOKMUTVV7A'],
  ['KEY', `AIza${random.slice(0, 35)}`],
  ['KEY', `ghp_${random.slice(0, 36)}`],
  ['KEY', `github_pat_${random}`],
  ['KEY', 'xoxb-1234567890-abcdefghij'],
  ['KEY', `hf_${random.slice(0, 34)}`],
  ['KEY', `sk_live_${random.slice(0, 24)}`],
  ['TOKEN', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'],
  ['PRIVATE_KEY', '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----'],
  ['EMAIL', 'jane.doe+news@mail.example.co.uk'],
  ['CARD', '4111 1111 1111 1111'],
  ['CARD', '5500-0000-0000-0004'],
  ['CARD', '378282246310005'],
  ['IBAN', 'DE89 3704 0044 0532 0130 00'],
  ['IBAN', 'GB29NWBK60161331926819'],
  ['SSN', '123-45-6789'],
  ['PHONE', '+49 30 901820'],
  ['PHONE', '+1 (415) 555-2671'],
  ['PHONE', '(415) 555-2671'],
  ['PHONE', '415-555-2671'],
  ['IP', '203.0.113.7'],
]

for (const [label, secret] of hits) {
  test(`${label} is masked wherever it stands: ${secret.slice(0, 24)}`, () => {
    for (const [before, after] of [
      ['', ''],
      ['it is ', '.'],
      ['"', '"'],
      ['(', '), or'],
      ['é:', '\n'],
    ] as const) {
      equal(builtin().text(before + secret + after), `${before}[${label}_1]${after}`)
    }
  })
}

const nearMisses = [
  'sk-learn-is-a-library-for-python-people',
  'task-1234567890 and disk-a1b2c3d4e5f6a7b8c9d0e1f2',
  'AKIA is a prefix, AKIA123 is not a key',
  'eyJust a word. eyJoy too.',
  '-----BEGIN CERTIFICATE-----',
  'user@host and @mention, a@b',
  '4111 1111 1111 1112',
  '1234567890123456',
  'GB29 NWBK 6016 1331 9268 18',
  'DE8937040044053201300',
  '000-12-3456, 666-12-3456, 912-34-5678, 123-00-4567',
  'created 1763693829, order 20261121, 3.14159265358979',
  '2026-11-21T04:00:00.000Z',
  '10.2.1 and 1.2.3.4.5 and 300.1.1.1 and 127.0.0.1',
  'gpt-4o-2024-08-06 costs 2.50 to 1,000,000',
  'chatcmpl-9xYz012345678901234567890123',
  '550e8400-e29b-41d4-a716-446655440000',
]

for (const text of nearMisses) {
  test(`what only looks like a secret stays: ${text}`, () => {
    equal(builtin().text(text), text)
    equal(builtin().finds(text), false)
  })
}

const shapes = fc.oneof(
  fc.constantFrom(...hits.map(([, secret]) => secret), ...nearMisses),
  fc.stringMatching(/^[A-Za-z0-9@+_. ()-]{0,12}$/),
  fc.string({ unit: 'binary', maxLength: 4 }),
)
const texts = fc.array(shapes, { maxLength: 6 }).map((pieces) => pieces.join(''))

test('whatever a detector matches holds a hint of it', () => {
  fc.assert(
    fc.property(texts, (text) => {
      for (const { regex, hints } of builtinDetectors) {
        for (const [match] of text.matchAll(regex)) {
          ok(hints.some((hint) => (typeof hint === 'string' ? match.includes(hint) : hint.test(match))))
        }
      }
    }),
    { numRuns: 2_000 },
  )
})

/** Any character may be written as its escape. */
const escaped = (text: string, every: number) =>
  JSON.stringify(text).replace(/\\u[0-9a-f]{4}|\\.|[^"\\]/g, (written, at: number) =>
    written.length === 1 && at % every === 0 ? `\\u${written.charCodeAt(0).toString(16).padStart(4, '0')}` : written,
  )

test('JSON in which nothing may be found is JSON that masking leaves alone, whatever is escaped in it', () => {
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 3 }), fc.integer({ min: 1, max: 50 }), (values, every) => {
      const json = `{"a_b":[${values.map((text) => escaped(text, every)).join(',')}]}`
      deepEqual(JSON.parse(json), { a_b: values })
      const masked = redactJson(json, (text) => builtin().text(text))
      ok(masked === json || builtin().mayFindIn(json))
    }),
    { numRuns: 2_000 },
  )
  equal(builtin().mayFindIn(JSON.stringify({ content: 'Nothing is here.\nReally “nothing”.' })), false)
  equal(custom({ name: 'ticket-id', regex: 'TCK-\\d+' })().mayFindIn('{"a":1}'), true)
})

test('one value is one placeholder throughout an exchange, whatever its spelling, and another value another', () => {
  const redaction = builtin()

  equal(redaction.text('a@x.org b@x.org A@X.org'), '[EMAIL_1] [EMAIL_2] [EMAIL_1]')
  equal(redaction.text('again b@x.org, 4111111111111111'), 'again [EMAIL_2], [CARD_1]')
  equal(redaction.text('4111 1111 1111 1111'), '[CARD_1]')
  equal(builtin().text('b@x.org'), '[EMAIL_1]')
})

test('a card number after digits that are none is found', () => {
  equal(builtin().text('4111 1111 1111 1112 4111 1111 1111 1111'), '4111 1111 1111 1112 [CARD_1]')
})

test('the built-in patterns take linear time on long runs', () => {
  for (const run of ['a', '0', 'A', '-', '.', '@', 'eyJ', 'sk-', '+1', 'A0', ' 4', '1.', 'a@', 'a.']) {
    const text = run.repeat(200_000 / run.length)
    const startedAtMs = performance.now()
    builtin().text(text)
    ok(performance.now() - startedAtMs < 1_000, `${run}: ${performance.now() - startedAtMs} ms`)
  }
})

test("the config's own patterns are masked under their own name, also across windows of a long text", () => {
  const redactor = custom({ name: 'ticket-id', regex: 'TCK-\\d+' })

  equal(redactor().text('TCK-12 and TCK-7 and TCK-12'), '[TICKET_ID_1] and [TICKET_ID_2] and [TICKET_ID_1]')
  fc.assert(
    fc.property(fc.integer({ min: 7_000, max: 17_000 }), (length) => {
      const filler = 'x'.repeat(length)
      equal(redactor().text(`${filler}TCK-123456${filler}`), `${filler}[TICKET_ID_1]${filler}`)
    }),
    { numRuns: 200 },
  )
})

const unusable = [
  { name: 'broken', regex: '(', because: /"broken" is not a regular expression/ },
  { name: 'empty', regex: 'x*', because: /"empty" matches the empty text/ },
  { name: 'runaway', regex: '(a+)+$', because: /"runaway" takes too long/ },
]

for (const { name, regex, because } of unusable) {
  test(`a pattern that is ${name} stops the start and is named`, () => {
    throws(
      () => custom({ name, regex }),
      (err: Error & { code?: string }) => err.code === 'CONFIG_INVALID' && because.test(err.message),
    )
  })
}

test('JSON is masked in its string values only; every other byte stays', () => {
  const json =
    '{ "a@x.org" : "a@x.org", "n":9007199254740993,"n":1e400,\t"s":"\\ud800\\"\\\\","deep":[["b\\u0040x.org"]],"k":"a:" , "e":""}'

  equal(
    redactJson(json, (text) => builtin().text(text)),
    '{ "a@x.org" : "[EMAIL_1]", "n":9007199254740993,"n":1e400,\t"s":"\\ud800\\"\\\\","deep":[["[EMAIL_1]"]],"k":"a:" , "e":""}',
  )
})

test('masking no string leaves any JSON text as it is, and masking each masks each', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      equal(
        redactJson(json, (text) => text),
        json,
      )
      const masked = redactJson(json, () => 'X')
      JSON.parse(masked, (_, value: unknown) => {
        if (typeof value === 'string') equal(value, 'X')
        return value
      })
    }),
  )
})

test('a hundred thousand nested arrays are masked without a stack overflow', () => {
  const json = `${'['.repeat(100_000)}"a@x.org"${']'.repeat(100_000)}`
  ok(redactJson(json, (text) => builtin().text(text)).includes('"[EMAIL_1]"'))
})
