import { unitsOf } from '../text/characters.ts'
import { multiply, readNumber } from './numbers.ts'

const signs = '$€£¥₹₩₺₽₴₪'
export const currencySignPattern = String.raw`(?:US|R|CA?|AU?|NZ|HK|S|MX)\$|[${signs}]|(?:zł|Kč|kr)(?![\p{L}])`
/** Those of them that are words. */
export const currencySignWords = 'zł|kč|kr'
const signUnits = unitsOf(signs)
export const isCurrencySign = (unit: number): boolean => signUnits.has(unit)
export const currencyWordPattern =
  'USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SGD|SEK|NOK|DKK|PLN|CZK|BRL|MXN|KRW|ZAR|dollars?|euros?|yen|rupees'
export const multiplierPattern = 'k|thousand|mio|million|m|bn|billion'
export const multipliers: ReadonlySet<string> = new Set(multiplierPattern.split('|'))

const currencies = new Map(
  Object.entries({
    $: 'USD',
    us$: 'USD',
    r$: 'BRL',
    c$: 'CAD',
    ca$: 'CAD',
    a$: 'AUD',
    au$: 'AUD',
    nz$: 'NZD',
    hk$: 'HKD',
    s$: 'SGD',
    mx$: 'MXN',
    '₩': 'KRW',
    '₺': 'TRY',
    '₽': 'RUB',
    '₴': 'UAH',
    '₪': 'ILS',
    zł: 'PLN',
    kč: 'CZK',
    kr: 'SEK',
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
  }),
)

/** Its normal forms, and the numbers in them. */
export function readAmount(currency: string, digits: string, multiplier: string | undefined) {
  const name = currencies.get(currency.toLowerCase()) ?? currency.toUpperCase()
  const numbers = multiply(readNumber(digits), multiplier)
  return { values: numbers.map((value) => `${name} ${value}`), numbers }
}
