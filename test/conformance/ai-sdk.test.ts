import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { embedMany, generateText, isStepCount, jsonSchema, Output, streamText, tool, type LanguageModel } from 'ai'
import { conform, type Call, type Speaker } from './suite.ts'
import { place, placeSchema, question, result } from './questions.ts'

// Telemetry is on for every integration that is registered, and none is. What is said on the console is not of interest.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false, AI_SDK_TELEMETRY_INTEGRATIONS: [] })

const openai = ({ baseUrl }: Call) => createOpenAI({ baseURL: `${baseUrl}/v1`, apiKey: 'sk-canary' })
const anthropic = ({ baseUrl }: Call) => createAnthropic({ baseURL: `${baseUrl}/v1`, apiKey: 'sk-ant-canary' })

const tools = {
  [place.name]: tool({ description: place.description, inputSchema: jsonSchema(placeSchema), execute: () => result }),
}
const output = Output.object({ schema: jsonSchema(placeSchema) })

/** The request, with ids and times that are the same in every run. */
function ask(model: (call: Call) => LanguageModel, call: Call) {
  let ids = 0
  return {
    model: model(call),
    prompt: question,
    maxRetries: call.maxRetries,
    timeout: call.timeoutMs,
    abortSignal: call.signal,
    telemetry: { isEnabled: false },
    _internal: { generateId: () => `id-${(ids += 1)}`, generateCallId: () => 'call', now: () => 0 },
  }
}

type Told = { steps: unknown; text: unknown; totalUsage: unknown; finishReason: unknown }

async function keep(call: Call, { steps, text, totalUsage, finishReason }: Told): Promise<void> {
  call.got([await steps, await text, await totalUsage, await finishReason])
}

/** Errors and aborts are parts of the stream. */
async function each(call: Call, { stream }: { stream: AsyncIterable<{ type: string }> }): Promise<void> {
  for await (const part of stream) {
    call.got(part)
    if (part.type === 'error') throw (part as { error?: unknown }).error
  }
}

const kindsOf = (model: (call: Call) => LanguageModel): Speaker['kinds'] => ({
  whole: async (call) => keep(call, await generateText(ask(model, call))),
  stream: (call) => each(call, streamText({ ...ask(model, call), onError: () => {} })),
  tools: async (call) => keep(call, await generateText({ ...ask(model, call), tools, stopWhen: isStepCount(3) })),
  'tools-stream': async (call) => {
    const told = streamText({ ...ask(model, call), tools, stopWhen: isStepCount(3) })
    await each(call, told)
    await keep(call, told)
  },
  structured: async (call) => call.got((await generateText({ ...ask(model, call), output })).output),
  'structured-stream': async (call) => {
    for await (const partial of streamText({ ...ask(model, call), output }).partialOutputStream) call.got(partial)
  },
})

const speaks = {
  // The SDK's time limit is on the whole call, not on an attempt.
  lacks: ['no answer in time, then one'],
}

conform({
  ...speaks,
  name: 'AI SDK, OpenAI chat',
  upstream: 'openai',
  model: 'gpt-4o',
  kinds: kindsOf((call) => openai(call).chat(call.model)),
})

conform({
  ...speaks,
  name: 'AI SDK, OpenAI Responses',
  upstream: 'openai',
  model: 'gpt-4o',
  kinds: kindsOf((call) => openai(call).responses(call.model)),
})

conform({
  ...speaks,
  name: 'AI SDK, Anthropic',
  upstream: 'anthropic',
  model: 'claude-sonnet-4-5',
  kinds: kindsOf((call) => anthropic(call)(call.model)),
})

conform({
  ...speaks,
  name: 'AI SDK, OpenAI embeddings',
  upstream: 'openai',
  model: 'text-embedding-3-small',
  kinds: {
    embed: async (call) => {
      const { maxRetries, signal: abortSignal, model } = call
      const values = [question, result]
      const told = await embedMany({ model: openai(call).embeddingModel(model), values, maxRetries, abortSignal })
      call.got([told.embeddings, told.usage, told.responses])
    },
  },
})
