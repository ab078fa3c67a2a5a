import { type Behaviour } from './models.ts'
import { lognormal, pick, type Random, randomOf } from './random.ts'
import { slip } from './slip.ts'
import { type DemoExchange, type Fields, type Message, type Truth } from './traffic.ts'

/** What a pretend model says, before it is put into a wire format. */
export type Said = { text: string; toolCall: { name: string; arguments: Fields } | null }

export type Failure = 'server_error' | 'overloaded' | 'dropped'

export type Turn = {
  said: Said
  failure: Failure | null
  /** From the request to the first piece. */
  firstPieceMs: number
  /** From the first piece to the last. */
  streamMs: number
}

export type PretendModel = (request: { model: string; behaviour: Behaviour; messages: readonly Message[] }) => Turn

const firstPieceMedianMs = 25
const streamMedianMs = 40

/**
 * Answers by the truth of the exchange that the messages belong to. What a model says depends on the seed, the model,
 * the request and how often this model was asked it before, never on the order of different requests.
 */
export function pretendModel(exchanges: readonly DemoExchange[], seed: number): PretendModel {
  const truths = new Map(exchanges.map((exchange) => [keyOf(exchange.messages), exchange.truth]))
  const asked = new Map<string, number>()
  return ({ model, behaviour, messages }) => {
    const key = keyOf(messages)
    const call = asked.get(`${model} ${key}`) ?? 0
    asked.set(`${model} ${key}`, call + 1)
    const random = randomOf(seed, model, key, call)
    const latency = (medianMs: number) => lognormal(random, medianMs * behaviour.slowness, 0.3)
    return {
      firstPieceMs: latency(firstPieceMedianMs),
      streamMs: latency(streamMedianMs),
      failure: failureOf(behaviour, randomOf(seed, model, key, 'failure')),
      said: say(truths.get(key) ?? unknown, behaviour, random),
    }
  }
}

const unknown: Truth = {
  type: 'text',
  answers: ['This is a pretend model: it knows the answers to the demo’s own requests, and this is not one of them.'],
}

/** What the user said, over all turns: it comes through a translation between dialects unchanged. */
function keyOf(messages: readonly Message[]): string {
  const said = messages.filter((message) => message.role === 'user').map((message) => message.content.trim())
  return said.join('\n')
}

/** By request, not by call: asking again does not help, as with a prompt that the provider's filter stumbles over. */
function failureOf(behaviour: Behaviour, random: Random): Failure | null {
  if (random() >= behaviour.failureRate) return null
  return pick(random, ['server_error', 'overloaded', 'dropped'])
}

function say(truth: Truth, behaviour: Behaviour, random: Random): Said {
  const told = random() < behaviour.slipRate ? slip(truth, random) : truth
  if (told.type === 'tool') return { text: '', toolCall: { name: told.name, arguments: told.arguments } }
  if (told.type === 'json') return { text: jsonText(told.value, behaviour, random), toolCall: null }
  return { text: told.type === 'label' ? told.label : pick(random, told.answers), toolCall: null }
}

function jsonText(value: Fields, behaviour: Behaviour, random: Random): string {
  const text = JSON.stringify(value, null, pick(random, [0, 2]))
  return behaviour.fencesJson ? `\`\`\`json\n${text}\n\`\`\`` : text
}
