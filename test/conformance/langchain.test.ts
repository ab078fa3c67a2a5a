import { ChatAnthropic } from '@langchain/anthropic'
import { type BaseChatModel } from '@langchain/core/language_models/chat_models'
import { HumanMessage, type BaseMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { conform, type Call, type Speaker } from './suite.ts'
import { place, placeSchema, question, result } from './questions.ts'

// Nothing is told to LangSmith, whatever the shell says.
for (const name of ['LANGSMITH_TRACING', 'LANGCHAIN_TRACING', 'LANGSMITH_TRACING_V2', 'LANGCHAIN_TRACING_V2']) {
  process.env[name] = 'false'
}

const temperature = tool(() => result, { ...place, schema: placeSchema })

type ChatModel = Pick<BaseChatModel, 'invoke' | 'stream' | 'withStructuredOutput'> &
  Required<Pick<BaseChatModel, 'bindTools'>>

async function answerTools(call: Call, ask: (messages: BaseMessage[]) => Promise<BaseMessage>): Promise<void> {
  const messages: BaseMessage[] = [new HumanMessage(question)]
  const asked = await ask(messages)
  const [toolCall] = (asked as { tool_calls?: { name: string; args: object; id?: string }[] }).tool_calls ?? []
  if (toolCall === undefined) throw new Error('no tool was called')
  messages.push(asked, await temperature.invoke({ ...toolCall, type: 'tool_call' } as never))
  call.got([messages, await ask(messages)])
}

const kindsOf = (modelFor: (call: Call) => ChatModel): Speaker['kinds'] => ({
  whole: async (call) => call.got(await modelFor(call).invoke(question, { signal: call.signal })),
  stream: async (call) => {
    for await (const chunk of await modelFor(call).stream(question, { signal: call.signal })) call.got(chunk)
  },
  tools: (call) => {
    const model = modelFor(call).bindTools([temperature])
    return answerTools(call, (messages) => model.invoke(messages))
  },
  'tools-stream': (call) => {
    const model = modelFor(call).bindTools([temperature])
    return answerTools(call, async (messages) => {
      const chunks = await Array.fromAsync(await model.stream(messages))
      for (const chunk of chunks) call.got(chunk)
      return chunks.reduce((all, chunk) => all.concat(chunk))
    })
  },
  structured: async (call) => {
    const model = modelFor(call).withStructuredOutput(placeSchema, { includeRaw: true })
    call.got(await model.invoke(question))
  },
  'structured-stream': async (call) => {
    const model = modelFor(call).withStructuredOutput(placeSchema)
    for await (const partial of await model.stream(question)) call.got(partial)
  },
})

// LangChain's own parser of streamed JSON does not get along with these two dialects.
const unparsed = 'streamed structured output'

const openaiFor = ({ baseUrl, model, maxRetries, timeoutMs }: Call, useResponsesApi: boolean) =>
  new ChatOpenAI({
    model,
    maxRetries,
    timeout: timeoutMs,
    useResponsesApi,
    apiKey: 'sk-canary',
    configuration: { baseURL: `${baseUrl}/v1` },
  })

conform({
  name: 'LangChain, OpenAI chat',
  upstream: 'openai',
  model: 'gpt-4o',
  kinds: kindsOf((call) => openaiFor(call, false)),
})

conform({
  name: 'LangChain, OpenAI Responses',
  lacks: [unparsed],
  upstream: 'openai',
  model: 'gpt-4o',
  kinds: kindsOf((call) => openaiFor(call, true)),
})

conform({
  name: 'LangChain, OpenAI embeddings',
  upstream: 'openai',
  model: 'text-embedding-3-small',
  kinds: {
    embed: async (call) => {
      const { baseUrl, model, maxRetries } = call
      const configuration = { baseURL: `${baseUrl}/v1` }
      const embeddings = new OpenAIEmbeddings({ model, maxRetries, apiKey: 'sk-canary', configuration })
      call.got(await embeddings.embedDocuments([question, result]))
    },
  },
})

conform({
  name: 'LangChain, Anthropic',
  lacks: [unparsed],
  upstream: 'anthropic',
  model: 'claude-sonnet-4-5',
  kinds: kindsOf(
    ({ baseUrl, model, maxRetries, timeoutMs }) =>
      new ChatAnthropic({
        model,
        maxRetries,
        apiKey: 'sk-ant-canary',
        anthropicApiUrl: baseUrl,
        clientOptions: { timeout: timeoutMs },
      }),
  ),
})
