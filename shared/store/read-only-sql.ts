// `import type`: with `import { type … }` the engine would be loaded for nothing but its name.
import type { Session } from 'chdb'

/** What may be asked of the read-only address: one statement of these kinds, and nothing that reaches out of the store. */
const readingStatements = new Set(['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'EXISTS', 'EXPLAIN', '('])

/** Table functions that read nothing but their own arguments; `view` takes a query, which is looked through as well. */
const harmlessTableFunctions = new Set(
  ['numbers', 'numbers_mt', 'zeros', 'zeros_mt', 'primes', 'generate_series', 'generateSeries', 'generateRandom']
    .concat(['values', 'SQLStandardValues', 'null', 'format', 'view'])
    .map((name) => name.toLowerCase()),
)

/** Functions beside the table functions that read files or call other machines, or only burn time. */
const outreachingFunctions =
  /^(file|catboostevaluate|sleep|sleepeachrow|ai(classify|embed|extract|generate|translate)\w*)$/

export type ReadOnlySql = {
  /** The statement as the engine itself writes it: one statement, no comments, strings in one form of quotes. */
  sql: string
  format: string | null
}

/** A refusal in ClickHouse's words: code 164 is READONLY. */
export class ReadOnlyRefusal extends Error {}

/**
 * Makes of a stranger's text a statement that only reads this store, or refuses it.
 * `SET readonly = 1` alone does not do that in the in-process engine: SELECT … INTO OUTFILE still writes files, `file()`
 * and DESCRIBE url(…) still read files and call addresses. So the engine's own parser first rewrites the text in its
 * one canonical form, which can be cut into tokens without guessing, and that form is what runs.
 */
export async function readOnlySql(session: Session, text: string): Promise<ReadOnlySql> {
  const result = await session.queryBindAsync(
    'SELECT formatQuerySingleLine({text:String})',
    { text },
    { format: 'TSVRaw' },
  )
  const sql = result.text().trimEnd()
  const tokens = tokensOf(sql)
  refuseStatements(tokens)
  refuseFunctions(tokens, await deniedFunctions(session))
  return { sql: castCompositeParameters(sql, tokens), format: formatOf(tokens) }
}

type Token = { kind: 'word' | 'quoted' | 'text' | 'parameter' | 'sign'; value: string; start: number; end: number }

// The forms of the canonical text: 'string' and `name` with backslash escapes, "name" for good measure, {name:Type}.
const tokenPattern =
  /(?<text>'(?:[^'\\]|\\.|'')*')|`(?<back>(?:[^`\\]|\\.|``)*)`|"(?<double>(?:[^"\\]|\\.|"")*)"|(?<parameter>\{\w+:[^{}]*\})|(?<word>[\p{L}\p{N}_]+)|(?<sign>\S)/gsu

function tokensOf(sql: string): Token[] {
  return Array.from(sql.matchAll(tokenPattern), (match) => {
    const { text, back, double, parameter, word } = match.groups!
    const kind = text !== undefined ? 'text' : back !== undefined || double !== undefined ? 'quoted' : undefined
    const rest = parameter !== undefined ? 'parameter' : word !== undefined ? 'word' : 'sign'
    return {
      kind: kind ?? rest,
      value: back ?? double ?? match[0],
      start: match.index,
      end: match.index + match[0].length,
    }
  })
}

function refuseStatements(tokens: Token[]): void {
  const first = tokens[0]?.value.toUpperCase() ?? ''
  if (!readingStatements.has(first)) throw new ReadOnlyRefusal(`${first || 'an empty statement'} is not a read`)
  for (const token of tokens) {
    if (token.kind === 'word' && token.value.toUpperCase() === 'OUTFILE') {
      throw new ReadOnlyRefusal('INTO OUTFILE writes a file: read the answer from the response')
    }
  }
}

function refuseFunctions(tokens: Token[], denied: ReadonlySet<string>): void {
  tokens.forEach((token, index) => {
    if (token.kind !== 'word' && token.kind !== 'quoted') return
    if (tokens[index + 1]?.value !== '(') return
    const name = token.value.toLowerCase()
    if (denied.has(name) || outreachingFunctions.test(name)) {
      throw new ReadOnlyRefusal(`${token.value}() reaches out of the store`)
    }
  })
}

/** Every table function this engine knows, but the harmless: one that a new version brings is refused by default. */
async function deniedFunctions(session: Session): Promise<ReadonlySet<string>> {
  const result = await session.queryAsync('SELECT lower(name) FROM system.table_functions', { format: 'TSVRaw' })
  return new Set(
    result
      .text()
      .split('\n')
      .filter((name) => name !== '' && !harmlessTableFunctions.has(name)),
  )
}

function formatOf(tokens: Token[]): string | null {
  const at = tokens.findLastIndex((token) => token.kind === 'word' && token.value === 'FORMAT')
  return at === -1 ? null : (tokens[at + 1]?.value ?? null)
}

/**
 * `{ids:Array(String)}` becomes a String that the engine parses as one. The binding escapes what it is given as one text,
 * which is right for a scalar and would spoil the quoting inside a list.
 */
function castCompositeParameters(sql: string, tokens: Token[]): string {
  let result = sql
  for (const token of tokens.toReversed()) {
    const [, name, type] = /^\{(\w+):\s*((?:Array|Map|Tuple)\(.*\))\}$/s.exec(token.value) ?? []
    if (token.kind !== 'parameter' || name === undefined || type === undefined) continue
    const literal = type.replaceAll(/[\\']/g, (found) => `\\${found}`)
    result = result.slice(0, token.start) + compositeOf(name) + `'Array(${literal})')[1]` + result.slice(token.end)
  }
  return result
}

/** In a list of its own, because a text can be cast to an Array of anything, but not to a Map. */
const compositeOf = (name: string): string => `CAST(concat('[', {${name}:String}, ']'), `

/** Values of `param_*` as text in ClickHouse's escaped form, to what the binding takes. */
export function bindable(sql: string, parameters: ReadonlyMap<string, string>): Record<string, string | null> {
  const bound: Record<string, string | null> = {}
  for (const [name, value] of parameters) {
    const composite = sql.includes(compositeOf(name))
    bound[name] = composite ? value : value === String.raw`\N` ? null : unescape(value)
  }
  return bound
}

const escapes: Record<string, string> = { t: '\t', n: '\n', r: '\r', '0': '\0', b: '\b', f: '\f' }

function unescape(value: string): string {
  return value.replaceAll(/\\(.)/gs, (_, escaped: string) => escapes[escaped] ?? escaped)
}
