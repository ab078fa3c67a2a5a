import { between, pick, type Random, randomOf } from './random.ts'

const months = 'January February March April May June July August September October November December'.split(' ')
const products = ['desk lamp', 'coffee machine', 'air purifier', 'headset', 'vacuum robot', 'docking station', 'kettle']
const cities = ['Utrecht', 'Leipzig', 'Porto', 'Lyon', 'Graz', 'Bergen', 'Turin', 'Aarhus']

const price = (random: Random, low: number, high: number): string =>
  `${between(random, low, high)}.${pick(random, ['00', '50', '90', '95'])}`
const day = (random: Random): string => `${between(random, 2, 28)} ${pick(random, months)}`
const whole =
  (low: number, high: number, step = 1) =>
  (random: Random): string =>
    String(between(random, low, high) * step)

/** What may fill a `{slot}` of the recorded traffic. */
const makers: Record<string, (random: Random) => string> = {
  order: whole(10_000, 99_999),
  number: whole(1000, 9999),
  serial: (random) => `K${between(random, 10_000, 99_999)}`,
  amount: (random) => price(random, 40, 390),
  price: whole(400, 1900),
  fee: (random) => price(random, 3, 19),
  fee2: (random) => price(random, 1, 2),
  date: day,
  date2: day,
  isoDate: (random) => isoDate(new Date(Date.UTC(2026, between(random, 0, 11), between(random, 1, 28)))),
  year: whole(2024, 2027),
  days: whole(3, 14),
  hour: whole(9, 20),
  hours: whole(12, 72),
  hoursLong: whole(3, 18),
  seconds: whole(10, 55),
  months: (random) => pick(random, ['12', '24', '36']),
  count: whole(2, 9),
  points: whole(21, 99, 50),
  percent: whole(55, 95),
  low: whole(4, 9),
  high: whole(35, 45),
  watts: whole(45, 240),
  grams: whole(15, 90),
  litres: (random) => `${between(random, 1, 3)}.5`,
  cents: whole(21, 48),
  ip: whole(54, 67),
  age: whole(63, 67),
  status: whole(429, 429),
  version: (random) => `${between(random, 3, 7)}.${between(random, 10, 29)}`,
  product: (random) => pick(random, products),
  city: (random) => pick(random, cities),
}

export type Slots = Record<string, string>

/** A value for every slot; the same parts give the same values. */
export function slotsOf(...parts: (string | number)[]): Slots {
  return Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, make(randomOf(name, ...parts))]))
}

export function slotNames(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
}

export function fill(template: string, slots: Slots): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = slots[name]
    if (value === undefined) throw new TypeError(`no slot is named {${name}}`)
    return value
  })
}

/** An invoice whose sums are right to the cent. */
export function invoiceSlots(...parts: (string | number)[]): Slots {
  const random = randomOf('invoice', ...parts)
  const [quantity, unit, rate] = [between(random, 2, 40), between(random, 900, 24_900), pick(random, [7, 19, 20, 21])]
  const net = quantity * unit
  const vat = Math.round((net * rate) / 100)
  const issued = new Date(Date.UTC(2026, between(random, 0, 11), between(random, 1, 28)))
  const due = new Date(issued.getTime() + pick(random, [14, 21, 30]) * 86_400_000)
  return {
    invoice: `${pick(random, ['RE', 'INV', 'F'])}-${between(random, 10_000, 99_999)}`,
    invoiceIso: isoDate(issued),
    invoiceLong: longDate(issued),
    dueIso: isoDate(due),
    dueLong: longDate(due),
    currency: pick(random, ['EUR', 'EUR', 'GBP', 'CHF']),
    qty: String(quantity),
    vatRate: String(rate),
    unit: cents(unit),
    net: cents(net),
    vat: cents(vat),
    total: cents(net + vat),
  }
}

const cents = (amount: number): string => (amount / 100).toFixed(2)
const isoDate = (date: Date): string => date.toISOString().slice(0, 10)
const longDate = (date: Date): string =>
  `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${String(date.getUTCFullYear())}`
