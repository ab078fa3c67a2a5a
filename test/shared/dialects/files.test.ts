import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { type Json, type JsonObject } from '../../../shared/dialects/dialect.ts'
import { refusalOf } from '../../support/strict/refusal.ts'
import { ask, carried, chat, chatBody, lossesOf, messages, messagesBody } from './asking.ts'

const responses = 'openai-responses'
const toHaiku = { dialect: messages, model: 'claude-haiku-4-5' } as const
const toGpt = (dialect: Dialect) => ({ dialect, model: 'gpt-4o' })
const pdfUrl = 'https://x.test/report.pdf?page=1'
const pdf = { type: 'base64', media_type: 'application/pdf', data: 'QUJD' }

const blocks = (...content: JsonObject[]) => messagesBody({ messages: [{ role: 'user', content }] })
const parts = (...content: JsonObject[]) => ({ model: 'gpt-4.1', input: [{ role: 'user', content }] })
const contentOf = (body: JsonObject, list: string, at = 0) => (body[list] as JsonObject[])[at]!['content'] as Json[]

function whyNot(from: Dialect, body: JsonObject, to: Parameters<typeof ask>[2]): string {
  const translation = ask(from, body, to)
  return translation.ok ? 'carried' : translation.detail
}

test('a document by its URL is passed on where the other dialect takes one, and is never fetched', () => {
  const link = { type: 'document', source: { type: 'url', url: pdfUrl } }
  const there = carried(messages, blocks(link), toGpt(responses))
  deepEqual(contentOf(there.body, 'input'), [{ type: 'input_file', file_url: pdfUrl }])
  deepEqual(lossesOf(there), [])
  const back = carried(responses, parts({ type: 'input_file', file_url: pdfUrl }), toHaiku)
  deepEqual(contentOf(back.body, 'messages'), [link])
  for (const { body, headers } of [there, back]) {
    equal(refusalOf('input' in body ? responses : messages, body, headers), null)
  }
  match(whyNot(messages, blocks(link), toGpt(chat)), /by its URL/)
})

test('the title of a document by its URL has no place in Responses', () => {
  const link = { type: 'document', title: 'Report', source: { type: 'url', url: pdfUrl } }
  deepEqual(lossesOf(carried(messages, blocks(link), toGpt(responses))), ['messages.document.title dropped minor'])
})

test('what is said about a document beside its text is a loss', () => {
  const document = { type: 'document', title: 'Plan', source: pdf, context: 'Draft, not final' }
  deepEqual(lossesOf(carried(messages, blocks(document), toGpt(chat))), ['messages.document.context dropped material'])
})

test('a URL that names no PDF, or is not https, is not passed on', () => {
  for (const file_url of ['https://x.test/a.docx', 'http://x.test/a.pdf', 'file:///etc/passwd', 'a.pdf']) {
    ok(whyNot(responses, parts({ type: 'input_file', file_url }), toHaiku) !== 'carried', file_url)
  }
})

test('an image of a kind nobody else takes is not passed on', () => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/bmp', data: 'QUJD' } }
  match(whyNot(messages, blocks(image), toGpt(chat)), /neither JPEG/)
})

test('a document a tool gave back stays its result, or follows it where results are text', () => {
  const body = messagesBody({
    tools: [{ name: 'f', input_schema: { type: 'object' } }],
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'document', source: pdf }] }],
      },
    ],
  })
  const inResponses = carried(messages, body, toGpt(responses))
  const file = { filename: 'document.pdf', file_data: 'data:application/pdf;base64,QUJD' }
  deepEqual((inResponses.body['input'] as JsonObject[]).at(-1), {
    type: 'function_call_output',
    call_id: 't',
    output: [{ type: 'input_file', ...file }],
  })
  deepEqual(lossesOf(inResponses), ['messages.document.title emulated minor'])
  const back = carried(responses, inResponses.body, toHaiku)
  deepEqual((back.body['messages'] as JsonObject[]).at(-1), {
    role: 'user',
    content: [
      {
        type: 'tool_result',
        tool_use_id: 't',
        content: [{ type: 'document', source: pdf, title: 'document.pdf' }],
      },
    ],
  })
  const inChat = carried(messages, body, toGpt(chat))
  deepEqual((inChat.body['messages'] as JsonObject[]).slice(2), [
    { role: 'tool', tool_call_id: 't', content: '' },
    { role: 'user', content: [{ type: 'file', file }] },
  ])
  deepEqual(lossesOf(inChat), [
    'messages.document.title emulated minor',
    'messages.tool_result.document emulated minor',
  ])
  for (const [dialect, each] of [
    [responses, inResponses],
    [messages, back],
    [chat, inChat],
  ] as const) {
    equal(refusalOf(dialect, each.body, each.headers), null)
  }
})

test('a file that is no PDF is told so', () => {
  const file = { filename: 'a.txt', file_data: 'data:text/plain;base64,QUJD' }
  const body = chatBody({ messages: [{ role: 'user', content: [{ type: 'file', file }] }] })
  match(whyNot(chat, body, toHaiku), /not a PDF/)
})

test('what several tools gave back follows the last of their results', () => {
  const image = { type: 'input_image', image_url: 'https://x.test/a.png' }
  const call = (call_id: string) => ({ type: 'function_call', call_id, name: 'f', arguments: '{}' })
  const output = (call_id: string) => ({ type: 'function_call_output', call_id, output: [image] })
  const asked = {
    model: 'gpt-4.1',
    input: [{ role: 'user', content: 'Hi' }, call('a'), call('b'), output('a'), output('b')],
    tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: false }],
  }
  const { body } = carried(responses, asked, toGpt(chat))
  deepEqual(
    (body['messages'] as JsonObject[]).map(({ role }) => role),
    ['user', 'assistant', 'tool', 'tool', 'user'],
  )
  equal(refusalOf(chat, body), null)
})
