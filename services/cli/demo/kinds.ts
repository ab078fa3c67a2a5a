import { type Task } from '../../../shared/contracts/exchange.ts'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'

export type Family = 'openai' | 'anthropic'
export type Kind = 'support' | 'ticket' | 'invoice' | 'tools' | 'grounded'

/** What the requests of one kind have in common: the app's code around the prompt. */
export type KindSettings = {
  family: Family
  model: string
  task: Task
  streamed: boolean
  system: string
  share: number
}

export const labels = ['billing', 'shipping', 'returns', 'technical', 'account'] as const
export type Label = (typeof labels)[number]

export const kinds: Record<Kind, KindSettings> = {
  support: {
    family: 'openai',
    model: 'gpt-4o',
    task: 'text',
    streamed: true,
    system:
      'You answer customers of the home electronics shop Lindqvist. Be friendly and brief, at most four sentences. Use the case file only, and never invent dates or amounts.',
    share: 0.28,
  },
  ticket: {
    family: 'openai',
    model: 'gpt-4o',
    task: 'label',
    streamed: false,
    system: `Sort the customer's message into one queue. Answer with a single word, one of: ${labels.join(', ')}. The queue billing holds charges, invoices and vouchers; shipping holds parcels on their way to the customer; returns holds goods on their way back; technical holds faults and set-up; account holds login, profile and privacy.`,
    share: 0.16,
  },
  invoice: {
    family: 'openai',
    model: 'gpt-4o',
    task: 'json',
    streamed: false,
    system:
      'Extract the fields of the invoice. Dates as YYYY-MM-DD, amounts as numbers without currency, the VAT rate in percent.',
    share: 0.2,
  },
  tools: {
    family: 'openai',
    model: 'gpt-4o',
    task: 'tools',
    streamed: false,
    system:
      'You act for the customer service of the shop Lindqvist. Call the one tool that does what the customer asks.',
    share: 0.16,
  },
  grounded: {
    family: 'anthropic',
    model: 'claude-sonnet-4-6',
    task: 'text',
    streamed: true,
    system:
      'Answer the question from the passages only, in two or three sentences. Keep every number as it is written. If the passages do not hold the answer, say so.',
    share: 0.2,
  },
}

const text = { type: 'string' }
const number = { type: 'number' }

function closedObject(properties: JsonObject): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
}

export const invoiceSchema: JsonObject = closedObject({
  supplier: text,
  invoice_number: text,
  invoice_date: text,
  due_date: text,
  currency: text,
  quantity: number,
  unit_price: number,
  net: number,
  vat_rate: number,
  vat: number,
  total: number,
})

export type Tool = { name: string; description: string; parameters: JsonObject }

const orderId = { order_id: { type: 'string', description: 'five digits' } }

export const tools: Tool[] = [
  tool('lookup_order', 'Status, contents and payment of an order.', orderId),
  tool('cancel_order', 'Cancels an order that has not been shipped.', orderId),
  tool('create_refund', 'Pays money back for an order.', {
    ...orderId,
    amount: number,
    reason: { type: 'string', enum: ['damaged', 'not_delivered', 'wrong_item', 'late'] },
  }),
  tool('apply_voucher', 'Takes a voucher off the price of an order.', { ...orderId, amount: number }),
  tool('schedule_pickup', 'Sends a driver to collect a return.', {
    ...orderId,
    date: { type: 'string', description: 'YYYY-MM-DD' },
    window: { type: 'string', enum: ['morning', 'afternoon', 'evening'] },
  }),
  tool('check_stock', 'Is a product in stock in the store of a city?', { product: text, city: text, quantity: number }),
  tool('extend_warranty', 'Adds months of warranty to a device.', { serial: text, months: number }),
]

function tool(name: string, description: string, properties: JsonObject): Tool {
  return { name, description, parameters: closedObject(properties) }
}
