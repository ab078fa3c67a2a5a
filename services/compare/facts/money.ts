import { multiply, readNumber } from './numbers.ts'

export const currencySignPattern = String.raw`US\$|[$€£¥₹]`
export const currencyWordPattern =
  'USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SGD|SEK|NOK|DKK|PLN|CZK|BRL|MXN|KRW|ZAR|dollars?|euros?|yen|rupees'
export const multiplierPattern = 'k|thousand|mio|million|m|bn|billion'

const currencies: Record<string, string> = {
  $: 'USD',
  us$: 'USD',
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '₹': 'INR',
  dollar: 'USD',
  dollars: 'USD',
  euro: 'EUR',
  euros: 'EUR',
  yen: 'JPY',
  rupees: 'INR',
}

/** Its normal forms, and the numbers in them. */
export function readAmount(currency: string, digits: string, multiplier: string | undefined) {
  const name = currencies[currency.toLowerCase()] ?? currency.toUpperCase()
  const numbers = multiply(readNumber(digits), multiplier)
  return { values: numbers.map((value) => `${name} ${value}`), numbers }
}
