import { readFileSync } from 'node:fs'
import { type Kind, kinds, type Label } from './kinds.ts'
import { randomOf } from './random.ts'
import { fill, invoiceSlots, type Slots, slotNames, slotsOf } from './slots.ts'

/** The fields of a JSON answer or of a tool's arguments: flat. */
export type Fields = Record<string, string | number>

/** What a right answer is. Every text of `answers` says the same in other words. */
export type Truth =
  | { type: 'text'; answers: string[] }
  | { type: 'label'; label: Label }
  | { type: 'json'; value: Fields }
  | { type: 'tool'; name: string; arguments: Fields }

export type Message = { role: 'user' | 'assistant'; content: string }

/** One request of the demo's app, with what a model has to say to it. */
export type DemoExchange = {
  id: string
  kind: Kind
  conversationId: string
  system: string
  messages: Message[]
  truth: Truth
}

type Turn = { question: string; answers: string[] }
type Templates = {
  support: Turn & { follow?: Turn }
  ticket: { text: string; label: Label }
  invoice: { supplier: string; item: string; text: string }
  tools: { question: string; tool: string; arguments: Record<string, string> }
  grounded: Turn & { context: string[] }
}

const folder = new URL('../../../test/fixtures/traffic/', import.meta.url)

export function templatesOf<K extends Kind>(kind: K): Templates[K][] {
  const lines = readFileSync(new URL(`${kind}.jsonl`, folder), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map((line) => JSON.parse(line) as Templates[K])
}

/** `count` requests in the shares of `kinds`, in an order drawn from the seed. The same seed gives the same requests. */
export function demoExchanges({ count, seed }: { count: number; seed: number }): DemoExchange[] {
  const exchanges: DemoExchange[] = []
  let share = 0
  for (const kind of Object.keys(kinds) as Kind[]) {
    const before = Math.round(share * count)
    share += kinds[kind].share
    exchanges.push(...exchangesOf(kind, Math.round(share * count) - before, seed))
  }
  const random = randomOf(seed, 'order')
  const shuffled = exchanges.map((exchange) => ({ exchange, at: random() })).toSorted((a, b) => a.at - b.at)
  return shuffled.map(({ exchange }) => exchange)
}

function exchangesOf(kind: Kind, wanted: number, seed: number): DemoExchange[] {
  const made: DemoExchange[] = []
  for (let index = 0; made.length < wanted; index++) {
    const id = `${kind}-${index + 1}`
    const turns = builders[kind](index, seed).map((turn, number) => ({
      id: `${id}.${number + 1}`,
      kind,
      conversationId: `${seed}-${id}`,
      ...turn,
    }))
    made.push(...turns)
  }
  return made.slice(0, wanted)
}

type Drawn = Pick<DemoExchange, 'system' | 'messages' | 'truth'>

const builders: { [K in Kind]: (index: number, seed: number) => Drawn[] } = {
  support: (index, seed) => {
    const { question, answers, follow } = nth('support', index)
    const slots = slotsOf(seed, 'support', index)
    const used = [question, ...answers, ...(follow ? [follow.question, ...follow.answers] : [])].flatMap(slotNames)
    const { system } = kinds.support
    const content = `Case file: ${caseFile(used, slots)}\n\nCustomer: ${fill(question, slots)}`
    const asked: Message[] = [{ role: 'user', content }]
    const first = { system, messages: asked, truth: textTruth(answers, slots) }
    // About one conversation in seven goes on.
    if (follow === undefined || randomOf(seed, 'follow', index)() > 0.6) return [first]
    const messages: Message[] = [
      ...asked,
      { role: 'assistant', content: fill(answers[0]!, slots) },
      { role: 'user', content: fill(follow.question, slots) },
    ]
    return [first, { system, messages, truth: textTruth(follow.answers, slots) }]
  },
  ticket: (index, seed) => {
    const { text, label } = nth('ticket', index)
    const slots = slotsOf(seed, 'ticket', index)
    return [single(kinds.ticket.system, fill(`Customer {number} writes:\n${text}`, slots), { type: 'label', label })]
  },
  invoice: (index, seed) => {
    const { supplier, item, text } = nth('invoice', index)
    const slots = { ...invoiceSlots(seed, index), supplier, item }
    return [single(kinds.invoice.system, fill(text, slots), { type: 'json', value: invoiceValue(slots) })]
  },
  tools: (index, seed) => {
    const template = nth('tools', index)
    const slots = slotsOf(seed, 'tools', index)
    const entries = Object.entries(template.arguments).map(([name, value]) => [name, fillArgument(value, slots)])
    const truth: Truth = { type: 'tool', name: template.tool, arguments: Object.fromEntries(entries) as Fields }
    return [single(kinds.tools.system, fill(template.question, slots), truth)]
  },
  grounded: (index, seed) => {
    const { context, question, answers } = nth('grounded', index)
    const slots = slotsOf(seed, 'grounded', index)
    const passages = context.map((passage, number) => `[${number + 1}] ${fill(passage, slots)}`).join('\n')
    const asked = `Passages:\n${passages}\n\nQuestion: ${fill(question, slots)}`
    return [single(kinds.grounded.system, asked, textTruth(answers, slots))]
  },
}

function nth<K extends Kind>(kind: K, index: number): Templates[K] {
  const templates = templatesOf(kind)
  return templates[index % templates.length]!
}

function single(system: string, content: string, truth: Truth): Drawn {
  return { system, messages: [{ role: 'user', content }], truth }
}

function textTruth(answers: string[], slots: Slots): Truth {
  return { type: 'text', answers: answers.map((answer) => fill(answer, slots)) }
}

function caseFile(names: string[], slots: Slots): string {
  return [...new Set(names)].map((name) => `${name} ${slots[name]!}`).join('; ')
}

/** `{count:number}` is a number; every other template is text. */
function fillArgument(template: string, slots: Slots): string | number {
  const name = /^\{(\w+):number\}$/.exec(template)?.[1]
  return name === undefined ? fill(template, slots) : Number(slots[name])
}

function invoiceValue(slots: Slots): Fields {
  const number = (name: string) => Number(slots[name])
  return {
    supplier: slots['supplier']!,
    invoice_number: slots['invoice']!,
    invoice_date: slots['invoiceIso']!,
    due_date: slots['dueIso']!,
    currency: slots['currency']!,
    quantity: number('qty'),
    unit_price: number('unit'),
    net: number('net'),
    vat_rate: number('vatRate'),
    vat: number('vat'),
    total: number('total'),
  }
}
