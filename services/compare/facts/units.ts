import { type FactKind } from './fact.ts'

type Unit = { kind: FactKind; name: string; factor: number }

const units = new Map<string, Unit>()
const add = (kind: FactKind, name: string, factor: number, words: string): void => {
  for (const word of words.split(' ')) units.set(word.replaceAll('_', ' '), { kind, name, factor })
}

add('duration', 's', 0.001, 'ms millisecond milliseconds')
add('duration', 's', 1, 's sec secs second seconds sekunde sekunden segundos secondes')
add('duration', 's', 60, 'min mins minute minutes minuten minutos')
add('duration', 's', 3600, 'h hr hrs hour hours stunde stunden hora horas heure heures')
add('duration', 's', 86_400, 'day days tag tage tagen día días dia dias jour jours')
add('duration', 's', 604_800, 'week weeks woche wochen semana semanas semaine semaines')
add('duration', 'month', 1, 'month months monat monate monaten mes meses mois')
add('duration', 'month', 12, 'year years yr yrs jahr jahre jahren año años ans')
add('duration', 's', 1, 'secondi segundos secondo seconden')
add('duration', 's', 60, 'minuti minuut')
add('duration', 's', 3600, 'ora ore uur uren godzin godziny')
add('duration', 's', 86_400, 'giorno giorni dag dagen dni dzień')
add('duration', 's', 604_800, 'settimana settimane weken tygodni tygodnie')
add('duration', 'month', 1, 'mese mesi maand maanden miesięcy miesiące mês')
add('duration', 'month', 12, 'anno anni ano anos jaar jaren lat lata')
add('measure', 'm²', 1, 'm² m2 qm sqm quadratmeter quadratmetern')
add('measure', 'm²', 1, 'square_metres square_meters mètres_carrés metros_cuadrados metri_quadrati metros_quadrados')
add('measure', 'km²', 1, 'km² km2 quadratkilometer square_kilometres square_kilometers')
add('measure', 'm', 1, 'metre metres meter meters')
add('measure', 'm', 1000, 'km kilometre kilometres kilometer kilometers')
add('measure', 'm', 0.01, 'cm centimetre centimetres centimeter centimeters')
add('measure', 'm', 0.001, 'mm millimetre millimetres millimeter millimeters')
add('measure', 'km/h', 1, 'km/h kmh kph')
add('measure', 'mph', 1, 'mph')
add('measure', 'mile', 1, 'mile miles mi')
add('measure', 'inch', 1, 'inch inches')
add('measure', 'foot', 1, 'ft foot feet')
add('measure', 'g', 1, 'g gram grams gramm')
add('measure', 'g', 1000, 'kg kilo kilos kilogram kilograms')
add('measure', 'g', 0.001, 'mg milligram milligrams')
add('measure', 'lb', 1, 'lb lbs')
add('measure', 'oz', 1, 'oz ounce ounces')
add('measure', 'l', 1, 'litre litres liter liters')
add('measure', 'l', 0.001, 'ml millilitre millilitres milliliter milliliters')
add('measure', 'B', 1e3, 'kb kilobyte kilobytes')
add('measure', 'B', 1e6, 'mb megabyte megabytes')
add('measure', 'B', 1e9, 'gb gigabyte gigabytes')
add('measure', 'B', 1e12, 'tb terabyte terabytes')
add('measure', 'bit/s', 1e6, 'mbps mbit')
add('measure', 'bit/s', 1e9, 'gbps gbit')
add('measure', 'W', 1, 'w watt watts')
add('measure', 'W', 1000, 'kw kilowatt kilowatts')
add('measure', 'kWh', 1, 'kwh')
add('measure', 'V', 1, 'v volt volts')
add('measure', '°C', 1, '°c celsius degrees_celsius grad_celsius')
add('measure', '°F', 1, '°f fahrenheit degrees_fahrenheit')

export const unitPattern = [...units.keys()].toSorted((left, right) => right.length - left.length).join('|')
/** What they begin with: the first of several words, the letters before a sign. */
export const unitOpeningPattern = [...new Set([...units.keys()].flatMap((word) => /^\p{L}+/u.exec(word) ?? []))].join(
  '|',
)
/** The first of several words, each in lower case. */
export const unitOpenings: ReadonlySet<string> = new Set(
  [...units.keys()].filter((word) => word.includes(' ')).map((word) => word.slice(0, word.indexOf(' '))),
)
export const unitOf = (word: string): Unit | undefined => units.get(word.toLowerCase())

/** What may stand before a unit: "5 business days". */
export const modifierPattern = 'business|working|calendar|consecutive|full|more|additional'
export const modifiers: ReadonlySet<string> = new Set(modifierPattern.split('|'))
