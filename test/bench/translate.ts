// npm run bench -- translate: CPU time of one translation of a 2 KB request, in every direction, on one core.
import { type Dialect } from '../../shared/contracts/exchange.ts'
import { type JsonObject } from '../../shared/dialects/dialect.ts'
import { translate } from '../../shared/dialects/translate.ts'

const goalPerSecond = 20_000
const requestBytes = 2_048
const warmUpMs = 500
const rounds = 9
const roundMs = 150

type Direction = { from: Dialect; to: Dialect; model: string }

const directions: Direction[] = [
  { from: 'openai-chat', to: 'anthropic-messages', model: 'claude-haiku-4-5' },
  { from: 'openai-chat', to: 'openai-responses', model: 'gpt-5-mini' },
  { from: 'openai-chat', to: 'openai-chat', model: 'gpt-5-mini' },
  { from: 'anthropic-messages', to: 'openai-chat', model: 'gpt-4.1' },
  { from: 'anthropic-messages', to: 'openai-responses', model: 'gpt-4.1' },
  { from: 'anthropic-messages', to: 'anthropic-messages', model: 'claude-opus-5-5' },
  { from: 'openai-responses', to: 'openai-chat', model: 'gpt-4.1' },
  { from: 'openai-responses', to: 'anthropic-messages', model: 'claude-haiku-4-5' },
]

/** Of each direction: CPU microseconds a translation (median of the rounds), JSON text in and JSON text out. */
export async function bench(): Promise<void> {
  const subjects = directions.map((direction) => {
    const text = requestOf(direction.from)
    return { ...direction, bytes: text.length, work: workOf(direction, text), microseconds: [] as number[] }
  })
  for (const { work } of subjects) cpuMicroseconds(work, warmUpMs)
  // Each round measures every direction, so that a busy moment of the machine falls on all alike.
  for (let round = 0; round < rounds; round++) {
    for (const { work, microseconds } of subjects) microseconds.push(cpuMicroseconds(work, roundMs))
  }
  console.log(
    `${'from'.padEnd(20)}${'to'.padEnd(20)}${'bytes'.padStart(7)}${'CPU µs'.padStart(9)}${'a second'.padStart(11)}`,
  )
  const rates = subjects.map(({ from, to, bytes, microseconds }) => {
    const each = median(microseconds)
    const perSecond = Math.round(1_000_000 / each)
    const told = [String(bytes).padStart(7), each.toFixed(1).padStart(9), String(perSecond).padStart(11)]
    console.log(`${from.padEnd(20)}${to.padEnd(20)}${told.join('')}`)
    return perSecond
  })
  const slowest = Math.min(...rates)
  const isMet = slowest >= goalPerSecond
  console.log(`\nslowest ${slowest} a second on one core; the goal is ${goalPerSecond}: ${isMet ? 'met' : 'MISSED'}`)
  if (!isMet) process.exitCode = 1
}

function workOf({ from, to, model }: Direction, text: string): () => void {
  const headers: Record<string, string> = from === 'anthropic-messages' ? { 'anthropic-version': '2023-06-01' } : {}
  const target = { dialect: to, model, system: null, parameters: {} }
  return () => {
    const translation = translate(from, { body: text, headers }, target)
    if (!translation.ok) throw new Error(translation.detail)
    JSON.stringify(translation.body)
  }
}

/** CPU time of this process, which other programs on the machine do not lengthen. */
function cpuMicroseconds(work: () => void, forMs: number): number {
  const end = performance.now() + forMs
  const before = process.cpuUsage()
  let times = 0
  while (performance.now() < end) {
    for (let at = 0; at < 50; at++) work()
    times += 50
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / times
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

/** A conversation with a system prompt, two tools, a tool call and its result, filled up to 2 KB. */
function requestOf(dialect: Dialect): string {
  const build = builders[dialect]!
  const filling = requestBytes - JSON.stringify(build('')).length
  return JSON.stringify(build('word '.repeat(Math.ceil(filling / 5)).slice(0, filling)))
}

const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city'],
}
const args = { city: 'Ulm', days: 3 }

const builders: Partial<Record<Dialect, (filling: string) => JsonObject>> = {
  'openai-chat': (filling) => ({
    model: 'gpt-4.1',
    max_tokens: 400,
    temperature: 0.2,
    stop: ['END'],
    user: 'u-1',
    messages: [
      { role: 'system', content: 'You answer questions about the weather.' },
      { role: 'user', content: `What will it be like in Ulm? ${filling}` },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'forecast', arguments: JSON.stringify(args) } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'sun, sun, rain' },
      { role: 'user', content: 'And what shall I wear?' },
    ],
    tools: ['forecast', 'wardrobe'].map((name) => ({
      type: 'function',
      function: { name, description: `Asks the ${name}`, parameters: schema },
    })),
  }),
  'openai-responses': (filling) => ({
    model: 'gpt-4.1',
    max_output_tokens: 400,
    temperature: 0.2,
    store: false,
    instructions: 'You answer questions about the weather.',
    input: [
      { role: 'user', content: `What will it be like in Ulm? ${filling}` },
      { type: 'function_call', call_id: 'call_1', name: 'forecast', arguments: JSON.stringify(args) },
      { type: 'function_call_output', call_id: 'call_1', output: 'sun, sun, rain' },
      { role: 'user', content: 'And what shall I wear?' },
    ],
    tools: ['forecast', 'wardrobe'].map((name) => ({
      type: 'function',
      name,
      description: `Asks the ${name}`,
      parameters: schema,
      strict: false,
    })),
  }),
  'anthropic-messages': (filling) => ({
    model: 'claude-haiku-4-5',
    max_tokens: 400,
    temperature: 0.2,
    stop_sequences: ['END'],
    metadata: { user_id: 'u-1' },
    system: 'You answer questions about the weather.',
    messages: [
      { role: 'user', content: `What will it be like in Ulm? ${filling}` },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'forecast', input: args }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: 'sun, sun, rain' },
          { type: 'text', text: 'And what shall I wear?' },
        ],
      },
    ],
    tools: ['forecast', 'wardrobe'].map((name) => ({ name, description: `Asks the ${name}`, input_schema: schema })),
  }),
}
