import { type GateName, type GateResult, type Verdict } from '../../shared/contracts/verdict.ts'

/** What a number without a value is called. */
export const unknown = '–'

export const gateTitles: Record<GateName, string> = {
  quality: 'quality',
  divergence: 'divergence',
  errors: 'error rate',
  errorCeiling: 'error ceiling',
  ttftP50: 'p50 first token',
  ttftP95: 'p95 first token',
  totalP95: 'p95 total time',
  cost: 'cost',
  replayLow: 'replay not worse',
  replayHigh: 'replay not better',
}

export const verdictTitles: Record<Verdict['verdict'], string> = {
  go: 'GO',
  no_go: 'NO-GO',
  inconclusive: 'INCONCLUSIVE',
}

/** 0.912 as `91.2 %`. */
export function percent(share: number | null, digits = 1): string {
  return share === null ? unknown : `${(share * 100).toFixed(digits)} %`
}

/** A share that somebody typed, without trailing zeros: 0.03 as `3 %`. */
export function declaredPercent(share: number): string {
  return `${Number((share * 100).toFixed(4))} %`
}

const numbers = new Intl.NumberFormat('en-US')

/** 12345 as `12,345`. */
export function count(value: number): string {
  return numbers.format(value)
}

/** `1 conversation`, `2 conversations`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** Three significant digits, so that a price per request stays readable however small: `$0.00312`; whole cents from ten dollars on: `$17.30`. */
export function usd(value: number | null): string {
  if (value === null) return unknown
  if (value === 0) return '$0'
  if (value >= 100) return `$${count(Math.round(value))}`
  return `$${value >= 9.995 ? value.toFixed(2) : decimal(value.toPrecision(3))}`
}

export function milliseconds(value: number | null): string {
  return value === null ? unknown : `${count(Math.round(value))} ms`
}

const hoursPerDay = 24
const minutesPerDay = 1_440

/** 3.2 as `3.2 days`, a shorter time in hours or minutes. */
export function span(days: number): string {
  if (days >= 1) return `${days.toFixed(1)} days`
  if (days * hoursPerDay >= 1) return `${(days * hoursPerDay).toFixed(1)} hours`
  const minutes = Math.floor(days * minutesPerDay)
  return minutes === 0 ? 'under a minute' : counted(minutes, 'minute')
}

/** A number on its gate's natural scale. */
export function natural(value: number | null, unit: GateResult['natural']['unit']): string {
  if (unit === 'ms') return milliseconds(value)
  if (unit === 'USD') return usd(value)
  return percent(value)
}

/** Very small numbers come from `toPrecision` with an exponent, which nobody reads as money. */
function decimal(digits: string): string {
  if (!digits.includes('e')) return digits
  const [, exponent] = digits.split('e-')
  return Number(digits).toFixed(Number(exponent) + 2)
}

const dimensionTitles: Record<string, string> = {
  tools: 'tools offered:',
  length: 'prompts of',
  hour: 'hour (UTC)',
}

/** A kind of traffic in words: `route invoice-extract`, `language de and tools offered: yes`. */
export function sliceTitle({ dimension, value }: { dimension: string; value: string }): string {
  const [dimensions, values] = [dimension.split(' and '), value.split(' and ')]
  if (dimensions.length !== values.length) return `${dimension} ${value}`
  return dimensions.map((name, index) => partTitle(name, values[index]!)).join(' and ')
}

function partTitle(dimension: string, value: string): string {
  return `${dimensionTitles[dimension] ?? dimension} ${value}${dimension === 'length' ? ' tokens' : ''}`
}
