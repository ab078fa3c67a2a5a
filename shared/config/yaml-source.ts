import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml'
import { type Mistake } from './mistakes.ts'

export type Environment = Record<string, string | undefined>

/** A YAML text read into plain data, with the way back from every path to its line. */
export type YamlSource = {
  /** Undefined where the text is not YAML at all. */
  data: unknown
  mistakes: Mistake[]
  /** Line of the key (or list item) at `path`, or of its nearest ancestor where it is absent. */
  lineOf(path: readonly PropertyKey[]): number
  /** The text as written where `${NAME}` was replaced, so that messages can show it without the secret. */
  writtenAt(path: readonly PropertyKey[]): string | null
}

// `$${NAME}` writes `${NAME}` itself.
const variable = /(\$?)\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

export function readYaml(text: string, env: Environment): YamlSource {
  const lines = new LineCounter()
  // Pretty errors quote the text, and the text may hold a key.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line)
  const twice = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY')
  const broken = document.errors.filter(({ code }) => code !== 'DUPLICATE_KEY')
  // What comes behind the first is what it led to.
  const mistakes = [...twice, ...broken.slice(0, 1)].map((error) => syntaxMistake(error, text, lineAt))
  const readable = broken.length === 0
  const written = readable ? substitute(document, env, lineAt, mistakes) : new Map<Node, string>()
  return {
    data: readable ? toData(document, mistakes) : undefined,
    mistakes,
    lineOf: (path) => lineAt(locate(document, path).offset),
    writtenAt: (path) => written.get(locate(document, path).value as Node) ?? null,
  }
}

function syntaxMistake(error: YAMLError, text: string, lineAt: (offset: number) => number): Mistake {
  const line = lineAt(error.pos[0])
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^["']?([\w-]+)/.exec(text.slice(error.pos[0]))?.[1] ?? ''
    return { line, path: [key], message: 'this key is written twice in the same place: keep one' }
  }
  // What follows the colon quotes the text.
  const reason = error.message.split(':')[0]!
  const [, bare] = /[:,[]\s*(\$\{\w+\})/.exec(text.split('\n')[line - 1] ?? '') ?? []
  const cure = bare === undefined ? '' : `: inside of { } a \${VARIABLE} needs quotes: '${bare}'`
  return { line, path: [], message: `not valid YAML: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}${cure}` }
}

function substitute(
  document: Document,
  env: Environment,
  lineAt: (offset: number) => number,
  mistakes: Mistake[],
): Map<Node, string> {
  const written = new Map<Node, string>()
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return
      written.set(node, node.value)
      node.value = node.value.replace(variable, (match: string, escape: string, name: string) => {
        if (escape !== '') return match.slice(1)
        const value = env[name]
        if (value !== undefined && value !== '') return value
        const message = `environment variable ${name} is not set, or empty: export ${name}=… before starting`
        mistakes.push({ line: lineAt(node.range?.[0] ?? 0), path: pathOf(node, ancestors), message })
        return match
      })
    },
  })
  return written
}

function pathOf(node: Node, ancestors: readonly unknown[]): PropertyKey[] {
  const path: PropertyKey[] = []
  for (const [index, ancestor] of ancestors.entries()) {
    const child = ancestors[index + 1] ?? node
    if (isSeq(ancestor)) path.push(ancestor.items.indexOf(child))
    else if (isMap(ancestor)) path.push(String((child as { key: unknown }).key))
  }
  return path
}

function toData(document: Document, mistakes: Mistake[]): unknown {
  try {
    return document.toJS()
  } catch {
    const message = 'not valid YAML: an alias (*name) stands before its anchor (&name), or there are too many aliases'
    mistakes.push({ line: 1, path: [], message })
    return undefined
  }
}

function locate(document: Document, path: readonly PropertyKey[]): { offset: number; value: unknown } {
  let value: unknown = resolve(document, document.contents)
  let offset = 0
  for (const key of path) {
    const found = childOf(value, key)
    if (found === null) return { offset, value: null }
    offset = found.offset ?? offset
    value = resolve(document, found.value)
  }
  return { offset, value }
}

function resolve(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node
}

function childOf(parent: unknown, key: PropertyKey): { offset: number | undefined; value: unknown } | null {
  if (isSeq(parent) && typeof key === 'number') {
    const item = parent.items[key]
    return item === undefined ? null : { offset: startOf(item), value: item }
  }
  if (!isMap(parent)) return null
  const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
  return pair === undefined ? null : { offset: startOf(pair.key), value: pair.value }
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}
