import { didYouMean } from './did-you-mean.ts'
import { type SchemaNode } from './json-schema.ts'

const units: [suffix: RegExp, name: string][] = [
  [/Ms$/, 'milliseconds'],
  [/Bytes$/, 'bytes'],
  [/Days$/, 'days'],
  [/PerMinute$/, 'a minute'],
  [/Usd|UsdPerDay$/, 'US dollars'],
]

/** What may stand at a place of the config, in words: `a whole number of milliseconds`. */
export function expectationOf(nodes: readonly SchemaNode[], key: string): string {
  const words = nodes.flatMap((node) => wordsFor(node, key))
  return [...new Set(words)].join(', or ') || 'another value'
}

function wordsFor(node: SchemaNode, key: string): string[] {
  if (node.const !== undefined) return [JSON.stringify(node.const)]
  if (node.enum !== undefined) return [`one of ${node.enum.join(', ')}`]
  return [node.type ?? []].flat().map((type) => wordFor(type, node, key))
}

function wordFor(type: string, node: SchemaNode, key: string): string {
  const unit = units.find(([suffix]) => suffix.test(key))?.[1]
  switch (type) {
    case 'integer':
      return `a whole number${unit === undefined ? '' : ` of ${unit}`}`.replace('of a minute', 'a minute')
    case 'number':
      return `a number${unit === undefined ? '' : ` of ${unit}`}`
    case 'string':
      return 'text'
    case 'boolean':
      return 'true or false'
    case 'array':
      return 'a list'
    case 'object':
      return node.properties === undefined ? 'a mapping' : `a mapping with ${Object.keys(node.properties).join(', ')}`
    default:
      return type
  }
}

/** What to write instead, worked out from what was written; null where that cannot be told. */
export function cureFor(value: unknown, nodes: readonly SchemaNode[], key: string): string | null {
  const types = new Set(nodes.flatMap((node) => node.type ?? []))
  const choices = nodes.flatMap((node) => node.enum ?? []).filter((choice) => typeof choice === 'string')
  if (typeof value === 'string' && choices.length > 0) return meant(value, choices)
  if (typeof value === 'string' && (types.has('number') || types.has('integer'))) return numberIn(value, key)
  if (typeof value === 'string' && types.has('boolean')) return booleanIn(value)
  if (types.has('array') && isPlain(value)) return `write [${JSON.stringify(value)}]`
  if (types.has('string') && (typeof value === 'number' || typeof value === 'boolean')) return `write '${value}'`
  if (types.has('integer') && typeof value === 'number') return `write ${Math.max(1, Math.round(value))}`
  return null
}

function meant(value: string, choices: string[]): string | null {
  const near = didYouMean(value, choices)
  return near === null ? null : `did you mean ${near}?`
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number'
}

function booleanIn(value: string): string | null {
  if (/^(true|yes|on)$/i.test(value)) return 'write true'
  return /^(false|no|off)$/i.test(value) ? 'write false' : null
}

const scales: Record<string, Record<string, number>> = {
  Ms: { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 },
  Days: { h: 1 / 24, d: 1, w: 7, y: 365 },
  Bytes: { b: 1, kb: 1000, mb: 1e6, gb: 1e9, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3, k: 1024, m: 1024 ** 2 },
}

function numberIn(value: string, key: string): string | null {
  const [, digits, unit] = /^\s*\$?\s*([\d_]+(?:\.\d+)?)\s*(%|[a-z]*)\s*$/i.exec(value) ?? []
  if (digits === undefined || unit === undefined) return null
  const amount = Number(digits.replaceAll('_', ''))
  if (unit === '') return `write ${amount} without quotes`
  if (unit === '%') return `write ${Number((amount / 100).toPrecision(12))}`
  const scale = Object.entries(scales).find(([suffix]) => key.endsWith(suffix))?.[1][unit.toLowerCase()]
  return scale === undefined ? null : `write ${amount * scale}`
}
