import OpenAI from 'openai'
import { type ResponseInput } from 'openai/resources/responses/responses'
import { conform, placeBehindTapFetch, type Call, type Speaker } from './suite.ts'
import { place, placeSchema, question, result } from './questions.ts'

const clientFor = ({ baseUrl, maxRetries, timeoutMs, fetch }: Call) =>
  new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: 'sk-canary', maxRetries, timeout: timeoutMs, fetch })

async function each(call: Call, events: AsyncIterable<unknown>): Promise<void> {
  for await (const event of events) call.got(event)
}

/** The answer, with what the SDK shows of the response. */
async function whole<T>(call: Call, asked: { withResponse(): Promise<{ data: T; response: Response }> }): Promise<T> {
  const { data, response } = await asked.withResponse()
  call.got({ data, status: response.status, headers: response.headers })
  return data
}

const chatTool = { type: 'function' as const, function: { ...place, parameters: placeSchema } }
const chatAsk = (model: string) => ({ model, messages: [{ role: 'user' as const, content: question }] })
const chatFormat = {
  type: 'json_schema' as const,
  json_schema: { name: 'place', strict: true, schema: placeSchema },
}

const chat: Speaker = {
  name: 'OpenAI for Node, chat',
  upstream: 'openai',
  model: 'gpt-4o',
  kinds: {
    whole: async (call) => {
      await whole(call, clientFor(call).chat.completions.create(chatAsk(call.model), { signal: call.signal }))
    },
    stream: async (call) => {
      const body = { ...chatAsk(call.model), stream: true as const, stream_options: { include_usage: true } }
      await each(call, await clientFor(call).chat.completions.create(body, { signal: call.signal }))
    },
    tools: async (call) => {
      const ask = chatAsk(call.model)
      const { completions } = clientFor(call).chat
      const { choices } = await whole(call, completions.create({ ...ask, tools: [chatTool] }))
      const message = choices[0]!.message
      const answer = { role: 'tool' as const, tool_call_id: message.tool_calls![0]!.id, content: result }
      const messages = [...ask.messages, message, answer]
      await whole(call, completions.create({ ...ask, messages, tools: [chatTool] }))
    },
    'tools-stream': async (call) => {
      const run = { ...place, parameters: placeSchema, parse: JSON.parse, function: () => result }
      const tools = [{ type: 'function' as const, function: run }]
      const runner = clientFor(call).chat.completions.runTools({ ...chatAsk(call.model), tools, stream: true })
      await each(call, runner)
      call.got(runner.allChatCompletions())
    },
    structured: async (call) => {
      const body = { ...chatAsk(call.model), response_format: chatFormat }
      call.got(await clientFor(call).chat.completions.parse(body))
    },
    'structured-stream': async (call) => {
      const body = { ...chatAsk(call.model), response_format: chatFormat }
      const stream = clientFor(call).chat.completions.stream(body)
      await each(call, stream)
      call.got(await stream.finalChatCompletion())
    },
    model: async (call) => void (await whole(call, clientFor(call).models.retrieve(call.model))),
  },
}
const { whole: wholeChat, stream, tools } = chat.kinds

conform(chat)
conform(
  { ...chat, name: 'OpenAI for Node with tapFetch', kinds: { whole: wholeChat, stream, tools } },
  placeBehindTapFetch,
)

const responsesTool = { type: 'function' as const, ...place, parameters: placeSchema, strict: true }
const responsesFormat = { type: 'json_schema' as const, name: 'place', strict: true, schema: placeSchema }

conform({
  name: 'OpenAI for Node, Responses',
  upstream: 'openai',
  model: 'gpt-4o',
  kinds: {
    whole: async (call) => {
      const body = { model: call.model, input: question }
      await whole(call, clientFor(call).responses.create(body, { signal: call.signal }))
    },
    stream: async (call) => {
      const body = { model: call.model, input: question, stream: true as const }
      await each(call, await clientFor(call).responses.create(body, { signal: call.signal }))
    },
    tools: async (call) => {
      const { responses } = clientFor(call)
      const input: ResponseInput = [{ role: 'user', content: question }]
      const first = await whole(call, responses.create({ model: call.model, input, tools: [responsesTool] }))
      const asked = first.output[0]!
      if (asked.type !== 'function_call') throw new Error('no tool was called')
      input.push(asked, { type: 'function_call_output', call_id: asked.call_id, output: result })
      await whole(call, responses.create({ model: call.model, input, tools: [responsesTool] }))
    },
    structured: async (call) => {
      const body = { model: call.model, input: question, text: { format: responsesFormat } }
      call.got(await clientFor(call).responses.parse(body))
    },
    'structured-stream': async (call) => {
      const body = { model: call.model, input: question, text: { format: responsesFormat } }
      const stream = clientFor(call).responses.stream(body)
      await each(call, stream)
      call.got(await stream.finalResponse())
    },
  },
})

conform({
  name: 'OpenAI for Node, embeddings',
  upstream: 'openai',
  model: 'text-embedding-3-small',
  kinds: {
    embed: async (call) => {
      const body = { model: call.model, input: [question, result] }
      await whole(call, clientFor(call).embeddings.create(body))
    },
  },
})
