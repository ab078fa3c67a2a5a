import { familyOf } from '../dialects/model-family.ts'
import { didYouMean } from './did-you-mean.ts'
import { valueAt } from './explain.ts'
import { isLoopback, openToAll } from './loopback.ts'
import { type Mistake } from './mistakes.ts'
import { type YamlSource } from './yaml-source.ts'

type Report = (path: readonly PropertyKey[], message: string) => void

/**
 * What one part of the config says about another. Works on the data as written, so that these mistakes are named
 * together with those of form.
 */
export function crossCheck(source: YamlSource): Mistake[] {
  const mistakes: Mistake[] = []
  const report: Report = (path, message) => mistakes.push({ line: source.lineOf(path), path, message })
  checkReferences(source.data, report)
  for (const list of [['candidates'], ['routes'], ['compare', 'scorers'], ['report', 'access', 'tokens']])
    checkUnique(source.data, list, report)
  checkVersions(source.data, report)
  checkJudge(source.data, report)
  checkEmbeddings(source.data, report)
  checkPatterns(source.data, report)
  checkAddresses(source.data, report)
  checkAccess(source.data, report)
  checkWaivers(source.data, source.data, report)
  return mistakes
}

/** As `crossCheck`, for waivers in a file of their own. */
export function crossCheckWaivers(source: YamlSource, config: unknown): Mistake[] {
  const mistakes: Mistake[] = []
  checkWaivers(source.data, config, (path, message) => mistakes.push({ line: source.lineOf(path), path, message }))
  return mistakes
}

function checkWaivers(data: unknown, config: unknown, report: Report): void {
  const named = (list: string) => itemsAt(config, [list]).map((_, index) => valueAt(config, [list, index, 'name']))
  const known = { route: [...named('routes'), 'default'], arm: ['control', ...named('candidates')] }
  const seen = new Map<string, number>()
  for (const [index, waiver] of itemsAt(data, ['waivers']).entries()) {
    if (typeof waiver !== 'object' || waiver === null) continue
    const at = (key: string): unknown => valueAt(waiver, [key])
    if (['rung', 'path', 'pattern'].every((key) => at(key) === undefined))
      report(['waivers', index], 'would waive every difference: say which with rung, path or pattern')
    for (const kind of ['route', 'arm'] as const) {
      const name = at(kind)
      if (typeof name === 'string' && !known[kind].includes(name))
        report(['waivers', index, kind], unknownName(kind, name, known[kind]))
    }
    const pattern = at('pattern')
    const wrong = typeof pattern === 'string' ? wrongWith(pattern, 'it would waive every difference') : null
    if (wrong !== null) report(['waivers', index, 'pattern'], wrong)
    const covered = JSON.stringify(['rung', 'path', 'pattern', 'route', 'arm'].map(at))
    const first = seen.get(covered)
    if (first === undefined) seen.set(covered, index)
    else report(['waivers', index], `covers the same as waivers[${first}]: keep one`)
  }
}

function checkReferences(data: unknown, report: Report): void {
  const providers = keysAt(data, ['providers'])
  const upstreams = keysAt(data, ['tap', 'upstreams'])
  const routes = [...itemsAt(data, ['routes']).map((_, index) => valueAt(data, ['routes', index, 'name'])), 'default']
  const refersTo = (path: PropertyKey[], kind: string, known: unknown[]) => {
    const name = valueAt(data, path)
    if (typeof name !== 'string' || known.includes(name)) return
    report(path, unknownName(kind, name, known))
  }
  for (const path of [['control'], ['compare', 'judge'], ['compare', 'embeddings']]) {
    refersTo([...path, 'provider'], 'provider', providers)
  }
  for (const candidate of itemsAt(data, ['candidates']).keys()) {
    refersTo(['candidates', candidate, 'provider'], 'provider', providers)
    for (const route of itemsAt(data, ['candidates', candidate, 'routes']).keys()) {
      refersTo(['candidates', candidate, 'routes', route], 'route', routes)
    }
  }
  for (const provider of providers) {
    for (const route of itemsAt(data, ['providers', provider, 'routes']).keys()) {
      refersTo(['providers', provider, 'routes', route], 'route', routes)
    }
  }
  for (const route of itemsAt(data, ['routes']).keys()) {
    refersTo(['routes', route, 'match', 'upstream'], 'upstream', upstreams)
  }
  for (const route of keysAt(data, ['compare', 'judge', 'rubrics'])) {
    if (!routes.includes(route)) report(['compare', 'judge', 'rubrics', route], unknownName('route', route, routes))
  }
}

function unknownName(kind: string, name: string, known: unknown[]): string {
  const names = known.filter((other) => typeof other === 'string')
  const near = didYouMean(name, names)
  const cure = near === null ? `known: ${names.join(', ') || 'none'}` : `did you mean ${near}?`
  return `no ${kind} is named "${name}": ${cure}`
}

function checkUnique(data: unknown, list: string[], report: Report): void {
  const seen = new Map<unknown, number>()
  for (const index of itemsAt(data, list).keys()) {
    const name = valueAt(data, [...list, index, 'name'])
    if (typeof name !== 'string') continue
    const first = seen.get(name)
    if (first === undefined) seen.set(name, index)
    else
      report([...list, index, 'name'], `"${name}" is already the name of ${list.join('.')}[${first}]: choose another`)
  }
}

/** Headers that only one family of dialects has would silently do nothing elsewhere. */
function checkVersions(data: unknown, report: Report): void {
  for (const candidate of itemsAt(data, ['candidates']).keys()) {
    const provider = valueAt(data, ['candidates', candidate, 'provider'])
    const dialect = typeof provider === 'string' ? valueAt(data, ['providers', provider, 'dialect']) : undefined
    for (const key of ['apiVersion', 'betas']) {
      const path = ['candidates', candidate, key]
      if (dialect !== 'openai' || valueAt(data, path) === undefined) continue
      report(path, `${key} is a header of the dialect anthropic, and ${String(provider)} speaks openai: remove it`)
    }
  }
}

/** A model takes answers like its own for the better ones. */
function checkJudge(data: unknown, report: Report): void {
  const judge = valueAt(data, ['compare', 'judge', 'model'])
  if (typeof judge !== 'string' || valueAt(data, ['compare', 'judge', 'allowOwnFamily']) === true) return
  for (const index of itemsAt(data, ['candidates']).keys()) {
    const model = valueAt(data, ['candidates', index, 'model'])
    if (typeof model !== 'string' || familyOf(model) !== familyOf(judge)) continue
    const kin = `${judge} is of the family of candidates[${index}] (${model}) and favours its own kind`
    report(['compare', 'judge', 'model'], `${kin}: choose a judge of another family, or set allowOwnFamily: true`)
    return
  }
}

function checkEmbeddings(data: unknown, report: Report): void {
  const path = ['compare', 'embeddings', 'provider']
  const provider = valueAt(data, path)
  if (typeof provider !== 'string' || valueAt(data, ['providers', provider, 'dialect']) !== 'anthropic') return
  report(
    path,
    `${provider} speaks the dialect anthropic, which has no embeddings: name a provider of the dialect openai`,
  )
}

function checkPatterns(data: unknown, report: Report): void {
  const patterns = ['tap', 'redact', 'patterns']
  for (const index of itemsAt(data, patterns).keys()) {
    const regex = valueAt(data, [...patterns, index, 'regex'])
    const wrong = typeof regex === 'string' ? wrongWith(regex, 'it would mask between any two characters') : null
    if (wrong !== null) report([...patterns, index, 'regex'], wrong)
  }
}

function wrongWith(regex: string, consequence: string): string | null {
  try {
    const matchesNothing = new RegExp(regex).test('')
    return matchesNothing ? `matches the empty text, so ${consequence}: use + for *` : null
  } catch (err) {
    return `not a JavaScript regular expression: ${(err as Error).message.split(': ').at(-1)}`
  }
}

/** Two parts of one machine cannot listen on one port. */
function checkAddresses(data: unknown, report: Report): void {
  const places = [
    ['tap', 'listen'],
    ['tap', 'ops'],
    ['ops', 'replay'],
    ['ops', 'compare'],
    ['ops', 'record'],
    ['report', 'listen'],
    ['store', 'listen'],
  ]
  const taken = new Map<string, string[]>()
  for (const place of places) {
    const address = valueAt(data, place)
    if (typeof address !== 'string' || address.endsWith(':0')) continue
    const first = taken.get(address)
    if (first === undefined) taken.set(address, place)
    else report(place, `${first.join('.')} listens on ${address} too: give one of them another port`)
  }
}

/** What other machines can reach says who may come in. */
function checkAccess(data: unknown, report: Report): void {
  const listen = valueAt(data, ['report', 'listen'])
  const isSilent = ['anyone', 'tokens', 'proxy'].every((way) => valueAt(data, ['report', 'access', way]) === undefined)
  if (typeof listen === 'string' && isSilent && !isLoopback(listen)) report(['report', 'listen'], openToAll)
}

function itemsAt(data: unknown, path: readonly PropertyKey[]): unknown[] {
  const value = valueAt(data, path)
  return Array.isArray(value) ? value : []
}

function keysAt(data: unknown, path: readonly PropertyKey[]): string[] {
  const value = valueAt(data, path)
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}
