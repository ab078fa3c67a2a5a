import Anthropic from '@anthropic-ai/sdk'
import { conform, type Call } from './suite.ts'
import { place, placeSchema, question, result } from './questions.ts'

const clientFor = ({ baseUrl, maxRetries, timeoutMs }: Call) =>
  new Anthropic({ baseURL: baseUrl, apiKey: 'sk-ant-canary', maxRetries, timeout: timeoutMs })

const ask = ({ model }: Call) => ({ model, max_tokens: 100, messages: [{ role: 'user' as const, content: question }] })
const tool = { ...place, input_schema: placeSchema }
const format = { output_config: { format: { type: 'json_schema' as const, schema: placeSchema } } }

/** The answer, with what the SDK shows of the response. */
async function whole<T>(call: Call, asked: { withResponse(): Promise<{ data: T; response: Response }> }): Promise<T> {
  const { data, response } = await asked.withResponse()
  call.got({ data, status: response.status, headers: response.headers })
  return data
}

async function each(call: Call, events: AsyncIterable<unknown>): Promise<void> {
  for await (const event of events) call.got(event)
}

conform({
  name: 'Anthropic for Node',
  upstream: 'anthropic',
  model: 'claude-sonnet-4-5',
  kinds: {
    whole: async (call) => {
      await whole(call, clientFor(call).messages.create(ask(call), { signal: call.signal }))
    },
    stream: async (call) => {
      await each(call, await clientFor(call).messages.create({ ...ask(call), stream: true }, { signal: call.signal }))
    },
    tools: async (call) => {
      const { messages } = clientFor(call)
      const first = await whole(call, messages.create({ ...ask(call), tools: [tool] }))
      const asked = first.content[0]!
      if (asked.type !== 'tool_use') throw new Error('no tool was called')
      const answer = { type: 'tool_result' as const, tool_use_id: asked.id, content: result }
      const turns = [
        { role: 'assistant' as const, content: first.content },
        { role: 'user' as const, content: [answer] },
      ]
      await whole(call, messages.create({ ...ask(call), messages: [...ask(call).messages, ...turns], tools: [tool] }))
    },
    'tools-stream': async (call) => {
      const run = { ...tool, type: 'custom' as const, run: () => result, parse: (input: unknown) => input }
      const runner = clientFor(call).beta.messages.toolRunner({ ...ask(call), tools: [run], stream: true })
      for await (const stream of runner) {
        await each(call, stream)
        call.got(await stream.finalMessage())
      }
    },
    structured: async (call) => {
      call.got(await clientFor(call).messages.parse({ ...ask(call), ...format }))
    },
    'structured-stream': async (call) => {
      const stream = clientFor(call).messages.stream({ ...ask(call), ...format })
      await each(call, stream)
      call.got(await stream.finalMessage())
    },
    model: async (call) => void (await whole(call, clientFor(call).models.retrieve(call.model))),
  },
})
