/** A kind of thing to mask. `regex` is global; `accept` gives the part of a match that really is one, or null. */
export type Detector = {
  /** In the placeholder: `[EMAIL_1]`. */
  label: string
  regex: RegExp
  /**
   * Text that holds none of them cannot match: cheap tests before the regex. Made of characters that JSON writes as they
   * are or as `\u00xx`, and texts begin with a character rare in prose, which is what a search for them waits for.
   */
  hints: readonly (string | RegExp)[]
  accept?: (match: string) => string | null
  /** Two spellings of one value are the same value. */
  normalise?: (value: string) => string
}

const digitsOf = (text: string) => text.replaceAll(/\D/g, '')
const when = (holds: (match: string) => boolean) => (match: string) => (holds(match) ? match : null)
const hasDigit = when((match) => /\d/.test(match))

/**
 * Shapes with a fixed prefix first, then personal data, which is a shape and a check. No quantifier is unbounded before
 * a required character, so that none is slow on long runs (base64).
 */
export const builtinDetectors: readonly Detector[] = [
  {
    label: 'PRIVATE_KEY',
    hints: ['PRIVATE KEY'],
    regex:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  },
  { label: 'TOKEN', hints: ['.eyJ'], regex: /(?<![A-Za-z0-9_-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]*)?/g },
  // sk-ant-…, sk-proj-…, sk-svcacct-…, sk-or-v1-… and the plain sk-…
  { label: 'KEY', hints: ['k-'], regex: /(?<![A-Za-z0-9])sk-[\w-]{20,}/g, accept: hasDigit },
  { label: 'KEY', hints: ['k_live_', 'k_test_'], regex: /(?<![A-Za-z0-9])[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g },
  {
    label: 'KEY',
    hints: ['AKIA', 'ASIA'],
    regex: /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g,
    accept: hasDigit,
  },
  { label: 'KEY', hints: ['AIza'], regex: /(?<![A-Za-z0-9])AIza[\w-]{35}(?![\w-])/g },
  {
    label: 'KEY',
    hints: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    regex: /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{36,}/g,
  },
  { label: 'KEY', hints: ['github_pat_'], regex: /(?<![A-Za-z0-9])github_pat_\w{22,}/g },
  { label: 'KEY', hints: ['xox'], regex: /(?<![A-Za-z0-9])xox[a-z]-[A-Za-z0-9-]{10,}/g, accept: hasDigit },
  { label: 'KEY', hints: ['hf_'], regex: /(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,}/g },
  { label: 'TOKEN', hints: ['Bearer ', 'bearer '], regex: /(?<=[Bb]earer )[\w.~+/-]{20,}={0,2}/g, accept: hasDigit },
  {
    label: 'EMAIL',
    hints: ['@'],
    // The run before the @ is bounded and may only start where a run starts.
    regex: /(?<![\w.%+-])[\w.%+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])/g,
    normalise: (value) => value.toLowerCase(),
  },
  {
    label: 'IBAN',
    hints: [/[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11}/],
    regex: /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}/g,
    accept: ibanIn,
    normalise: withoutSpaces,
  },
  {
    label: 'CARD',
    hints: [/[2-6]\d{3}(?:[ -]?\d){9}/],
    regex: /(?<![\w.-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\w-])/g,
    accept: when(isCard),
    normalise: digitsOf,
  },
  {
    label: 'SSN',
    hints: [/\d{3}-\d{2}-\d{4}/],
    regex: /(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])/g,
  },
  {
    label: 'PHONE',
    hints: ['+'],
    regex: /(?<![\w+])\+[1-9]\d{0,2}(?:[ .\-/]?(?:\(\d{1,5}\)|\d{1,5})){2,6}(?!\d)/g,
    accept: when((match) => /^\d{8,15}$/.test(digitsOf(match))),
    normalise: digitsOf,
  },
  {
    label: 'PHONE',
    hints: [/\d{3}(?:[-. ]|\) ?)\d{3}[-. ]\d{4}/],
    regex: /(?<![\w.+-])(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-. ])[2-9]\d{2}[-. ]\d{4}(?![\w-])/g,
    normalise: digitsOf,
  },
  {
    label: 'IP',
    hints: [/\d\.\d{1,3}\.\d/],
    regex: /(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?![\w]|\.\d)/g,
    // Addresses that identify nobody.
    accept: when((match) => match !== '0.0.0.0' && !match.startsWith('127.')),
  },
]

/** ISO/IEC 7812 lengths and the Luhn check. */
function isCard(match: string): boolean {
  const digits = digitsOf(match)
  if (digits.length < 13 || digits.length > 19) return false
  let sum = 0
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i])
    const doubled = i % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

// Length by country (ISO 13616 registry).
const ibanLengths = new Map(
  (
    'NO15 BE16 DK18 FI18 FO18 GL18 NL18 SD18 FK18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 XK20 MN20 CH21 CR22 HR21 LI21 LV21 ' +
    'BG22 BH22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 TL23 OM23 SO23 AD24 CZ24 ES24 MD24 PK24 RO24 SA24 SE24 ' +
    'SK24 TN24 VG24 LY25 PT25 ST25 IS26 TR26 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 BY28 CY28 DO28 GT28 HU28 LB28 NI28 PL28 ' +
    'SV28 BI27 DJ27 BR29 EG29 PS29 QA29 UA29 JO30 KW30 MU30 YE30 MT31 SC31 LC32 RU33'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))] as const),
)

/** The IBAN a run of capitals and digits begins with: as long as its country says, and of the right checksum. */
function ibanIn(match: string): string | null {
  const length = ibanLengths.get(match.slice(0, 2))
  if (length === undefined) return null
  let end = 0
  for (let count = 0; count < length; end += 1) {
    if (end === match.length) return null
    if (match[end] !== ' ') count += 1
  }
  if (/[A-Z0-9]/.test(match[end] ?? '')) return null
  const candidate = match.slice(0, end)
  return isIban(withoutSpaces(candidate)) ? candidate : null
}

/** ISO 7064, MOD 97-10. */
function isIban(iban: string): boolean {
  let remainder = 0
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder === 1
}

function withoutSpaces(text: string): string {
  return text.replaceAll(' ', '')
}
