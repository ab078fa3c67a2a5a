import { equal } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createRedactor } from '../../../services/tap/redact.ts'
import { redactJson } from '../../../services/tap/redact-json.ts'

const builtin = () => createRedactor({ builtin: true, patterns: [] })()
// Would hit nearly every image.
const greedy = () => createRedactor({ builtin: true, patterns: [{ name: 'ticket', regex: '[A-Z][0-9]' }] })()
const base64 = (text: string) => Buffer.from(text).toString('base64')
const image = `data:image/png;base64,${randomBytes(3_000).toString('base64')}`

// Each of them is masked where it stands alone.
const lookAlikes = ['4111111111111111', 'AKIAIOSFODNN7EXAMPLE', 'GB29NWBK60161331926819', '+4930901820']

for (const text of lookAlikes) {
  test(`what looks like a secret in the middle of an image is chance, and stays: ${text}`, () => {
    const inside = `data:image/jpeg;base64,iVBORw0KGgo/${text}/AAAA=`
    equal(builtin().text(text).startsWith('['), true)
    equal(builtin().text(inside), inside)
    equal(builtin().finds(inside), false)
    const bare = `${'iVBORw0K'.repeat(80)}/${text}/AAA=`
    equal(builtin().text(bare), bare)
  })
}

test('images and files stay whole in every form they are sent in, whatever patterns the config has', () => {
  const bare = randomBytes(5_000).toString('base64')
  const json = JSON.stringify({
    messages: [
      { content: [{ type: 'image_url', image_url: { url: image } }] },
      { content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: bare } }] },
      { content: [{ type: 'file', file: { file_data: `data:application/pdf;name=a.pdf;base64,${bare}` } }] },
      { content: [{ type: 'input_audio', input_audio: { data: bare, format: 'wav' } }] },
    ],
  })

  equal(
    redactJson(json, (text) => greedy().text(text)),
    json,
  )
})

test('what stands around an image is masked, in order', () => {
  const text = `a@x.org ![one](${image}) b@x.org ![two](${image}) a@x.org`
  equal(builtin().text(text), `[EMAIL_1] ![one](${image}) [EMAIL_2] ![two](${image}) [EMAIL_1]`)
})

for (const head of [
  'data:text/plain',
  'data:text/csv;charset=utf-8',
  'data:application/json',
  'data:',
  'DATA:TEXT/HTML',
]) {
  test(`a text in base64 is masked as the text it is: ${head}`, () => {
    const redaction = builtin()
    equal(redaction.mayFindIn(`"${head};base64,${base64('to a@x.org')}"`), true)
    equal(redaction.text('a@x.org'), '[EMAIL_1]')
    const masked = redaction.text(`see ${head};base64,${base64('to b@x.org and a@x.org')} here`)
    equal(masked, `see ${head};base64,${base64('to [EMAIL_2] and [EMAIL_1]')} here`)
    const plain = `${head};base64,${base64('nothing in it')}`
    equal(builtin().text(plain), plain)
  })
}

const nearMisses: [text: string, masked: string][] = [
  ['data:text/plain;base64,sk-aB3dE6gH9jK2mN5pQ8sT1vW4', 'data:text/plain;base64,[KEY_1]'],
  [';base64, a@x.org', ';base64, [EMAIL_1]'],
  ['data: a@x.org;base64,AAAA', 'data: [EMAIL_1];base64,AAAA'],
  [
    `data:text/plain;base64,${Buffer.from([255, 254]).toString('base64')} a@x.org`,
    'data:text/plain;base64,//4= [EMAIL_1]',
  ],
  ['data:image/png;base64,AAAA=,a@x.org', 'data:image/png;base64,AAAA=,[EMAIL_1]'],
  [`${'word '.repeat(200)}a@x.org`, `${'word '.repeat(200)}[EMAIL_1]`],
  [`${'A'.repeat(600)} 4111 1111 1111 1111`, `${'A'.repeat(600)} [CARD_1]`],
]

for (const [text, masked] of nearMisses) {
  test(`what only begins like a data URL is a text: ${text.slice(0, 50)}`, () => {
    equal(builtin().text(text), masked)
  })
}
