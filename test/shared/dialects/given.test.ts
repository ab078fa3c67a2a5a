import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { readGiven, readToolSchemas } from '../../../shared/dialects/given.ts'

test('the texts of a chat are given, with the results of tools as documents', () => {
  const given = readGiven({
    model: 'large',
    user: 'u-1',
    messages: [
      { role: 'system', content: 'Answer from the results.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'How much?' },
          { type: 'image_url', image_url: { url: 'data:…' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', function: { name: 'find', arguments: '{"id":7}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: '{"price":48}' },
    ],
  })

  deepEqual(given.texts, ['Answer from the results.', 'How much?', '{"id":7}', '{"price":48}'])
  equal(given.hasDocuments, true)
})

test('documents, results and calls of a Messages request are given, files are not', () => {
  const given = readGiven({
    system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
    messages: [
      {
        role: 'user',
        content: [
          {
            type: 'document',
            title: 'Manual',
            source: { type: 'text', media_type: 'text/plain', data: 'Press 3 times.' },
          },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0' } },
          { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'Part 2' }] } },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'find', input: { id: 7 } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: '48 €' }] },
    ],
  })

  deepEqual(given.texts, ['Be brief.', 'Manual', 'Press 3 times.', 'Part 2', '{"id":7}', '48 €'])
  equal(given.hasDocuments, true)
})

test('a Responses request gives its instructions, its input and what functions returned', () => {
  const given = readGiven({
    instructions: 'Be brief.',
    input: [
      { role: 'user', content: [{ type: 'input_text', text: 'How much?' }] },
      { type: 'function_call', call_id: 'c', name: 'find', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: '48 €' },
    ],
  })

  deepEqual(given.texts, ['Be brief.', 'How much?', '{}', '48 €'])
  equal(given.hasDocuments, true)
  deepEqual(readGiven({ input: 'How much?' }), { texts: ['How much?'], hasDocuments: false })
  deepEqual(readGiven({ prompt: 'Once' }), { texts: ['Once'], hasDocuments: false })
})

test('odd shapes give nothing', () => {
  let deep: unknown = 'x'
  for (let at = 0; at < 10_000; at++) deep = [deep]
  for (const body of [null, 7, 'text', [], { messages: 7 }, { messages: deep }, { system: { role: 7 } }])
    deepEqual(readGiven(body), { texts: [], hasDocuments: false })
})

test('the schemas of tools are read in every dialect', () => {
  const schema = { type: 'object' }
  const expected = [['find', schema]]
  deepEqual(
    [...readToolSchemas({ tools: [{ type: 'function', function: { name: 'find', parameters: schema } }] })],
    expected,
  )
  deepEqual([...readToolSchemas({ tools: [{ type: 'function', name: 'find', parameters: schema }] })], expected)
  deepEqual([...readToolSchemas({ tools: [{ name: 'find', input_schema: schema }] })], expected)
  deepEqual([...readToolSchemas({ functions: [{ name: 'find', parameters: schema }] })], expected)
  deepEqual([...readToolSchemas({ tools: [{ type: 'web_search' }, { name: 'bare' }, 7] })], [['bare', null]])
  equal(readToolSchemas(null).size, 0)
})
