import { NativeBytes } from './native-bytes.ts'

/**
 * ClickHouse's Native format, for writing: blocks of columns, which the engine takes at a fraction of what JSON costs it.
 * https://clickhouse.com/docs/interfaces/formats/Native. Types the tables do not use are not written: see `codecOf`.
 */

export type Column = { name: string; type: string }

/** A value that a column does not take. The message names the column and its type, and never the value. */
export class NotEncodable extends Error {}

/**
 * One block. A value that is null or absent becomes the empty value of a type that has no null, as with JSON input. Null: a column
 * has a type that is not written here. Throws NotEncodable.
 */
export function encodeNative(columns: readonly Column[], rows: readonly object[]): Buffer | null {
  const codecs = columns.map(({ type }) => codecOf(type))
  const out = new NativeBytes()
  out.size(columns.length)
  out.size(rows.length)
  for (const [at, { name, type }] of columns.entries()) {
    const codec = codecs[at]
    if (codec === null || codec === undefined) return null
    out.text(name)
    out.text(codec.type)
    const values = rows.map((row) => (row as Record<string, unknown>)[name] ?? null)
    try {
      codec.prefix?.(out)
      codec.write(out, values)
    } catch (err) {
      if (!(err instanceof TypeError)) throw err
      throw new NotEncodable(`the column ${name} takes ${type}, and a row has another value there`)
    }
  }
  return out.all()
}

/** `prefix`: what stands before the values of all rows, and before the sizes of the lists they are in. */
type Codec = {
  type: string
  prefix?(out: NativeBytes): void
  write(out: NativeBytes, values: readonly unknown[]): void
}

const known = new Map<string, Codec | null>()

function codecOf(type: string): Codec | null {
  let codec = known.get(type)
  if (codec === undefined) {
    codec = readCodec(type)
    known.set(type, codec)
  }
  return codec
}

function readCodec(type: string): Codec | null {
  const [, name = '', inner = ''] = /^(\w+)(?:\((.*)\))?$/s.exec(type) ?? []
  switch (name) {
    case 'LowCardinality':
      return inner === 'String' ? fewWords : null
    case 'SimpleAggregateFunction':
      return codecOf(inner.slice(inner.indexOf(',') + 1).trim())
    case 'Nullable':
      return nullable(inner)
    case 'Array':
      return array(inner)
    case 'Map':
      return map(inner)
    case 'DateTime64':
      return inner.startsWith('3') ? { type, write: writeTimes } : null
    default:
      return inner === '' && name in scalars ? { type, write: scalars[name]! } : null
  }
}

const scalars: Record<string, Codec['write']> = {
  String: (out, values) => {
    for (const value of values) out.text(value === null ? '' : textIn(value))
  },
  UUID: (out, values) => {
    for (const value of values) out.uuid(value === null ? emptyUuid : textIn(value))
  },
  Bool: (out, values) => {
    for (const value of values) out.uint8(value === null ? 0 : Number(booleanIn(value)))
  },
  UInt8: wholes((out, value) => out.uint8(value), 0, 0xff),
  UInt16: wholes((out, value) => out.uint16(value), 0, 0xffff),
  UInt32: wholes((out, value) => out.uint32(value), 0, 0xffffffff),
  UInt64: wholes((out, value) => out.uint64(value), 0, Number.MAX_SAFE_INTEGER),
  Int32: wholes((out, value) => out.int32(value), -0x80000000, 0x7fffffff),
  Int64: wholes((out, value) => out.int64(value), Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  Float64: (out, values) => {
    const numbers = new Float64Array(values.length)
    for (let at = 0; at < values.length; at++) {
      const value = values[at]
      if (value !== null) numbers[at] = numberIn(value)
    }
    out.raw(numbers)
  },
}

/** Each word once, then its number for each row. https://clickhouse.com/docs/native-protocol/columns#lowcardinality */
const fewWords: Codec = {
  type: 'LowCardinality(String)',
  prefix: (out) => out.uint64(keysInBlock),
  write(out, values) {
    // Nothing at all stands for no rows.
    if (values.length === 0) return
    const keys = new Map([['', 0]])
    const indexes = new Uint32Array(values.length)
    let [last, lastIndex] = ['', 0]
    for (let at = 0; at < values.length; at++) {
      const word = values[at] === null ? '' : textIn(values[at])
      // Neighbours often say the same.
      if (word !== last) {
        last = word
        lastIndex = keys.get(word) ?? keys.size
        if (lastIndex === keys.size) keys.set(word, lastIndex)
      }
      indexes[at] = lastIndex
    }
    const width = keys.size <= 0x100 ? 0 : keys.size <= 0x10000 ? 1 : 2
    out.uint64(width | hasKeys | newDictionary)
    out.uint64(keys.size)
    for (const key of keys.keys()) out.text(key)
    out.uint64(values.length)
    out.raw([Uint8Array, Uint16Array, Uint32Array][width]!.from(indexes))
  },
}
const keysInBlock = 1
const hasKeys = 1 << 9
const newDictionary = 1 << 10

function wholes(write: (out: NativeBytes, value: number) => void, least: number, most: number): Codec['write'] {
  return (out, values) => {
    for (const value of values) {
      const number = value === null ? 0 : numberIn(value)
      if (!Number.isInteger(number) || number < least || number > most) throw new TypeError()
      write(out, number)
    }
  }
}

function nullable(inner: string): Codec | null {
  const codec = codecOf(inner)
  return (
    codec && {
      type: `Nullable(${codec.type})`,
      write(out, values) {
        const absent = new Uint8Array(values.length)
        for (let at = 0; at < values.length; at++) if (values[at] === null) absent[at] = 1
        out.raw(absent)
        codec.write(out, values)
      },
    }
  )
}

function array(inner: string): Codec | null {
  const codec = codecOf(inner)
  return (
    codec && {
      type: `Array(${codec.type})`,
      ...prefixOf(codec),
      write(out, values) {
        const items: unknown[] = []
        for (const value of values) {
          if (value !== null) for (const item of listIn(value)) items.push(item)
          out.uint64(items.length)
        }
        codec.write(out, items)
      },
    }
  )
}

function map(inner: string): Codec | null {
  const comma = endOfFirst(inner)
  const [keys, values] = [codecOf(inner.slice(0, comma)), codecOf(inner.slice(comma + 1).trim())]
  if (keys === null || values === null) return null
  return {
    type: `Map(${keys.type}, ${values.type})`,
    ...prefixOf(keys, values),
    write(out, maps) {
      const entries: [string, unknown][] = []
      for (const each of maps) {
        if (each !== null) entries.push(...Object.entries(objectIn(each)))
        out.uint64(entries.length)
      }
      keys.write(
        out,
        entries.map(([key]) => key),
      )
      values.write(
        out,
        entries.map(([, value]) => value),
      )
    },
  }
}

function prefixOf(...parts: Codec[]): Pick<Codec, 'prefix'> {
  return parts.some((part) => part.prefix !== undefined)
    ? { prefix: (out) => parts.forEach((part) => part.prefix?.(out)) }
    : {}
}

/** The comma between two types, the first of which may hold commas of its own. */
function endOfFirst(types: string): number {
  let depth = 0
  for (let at = 0; at < types.length; at++) {
    if (types[at] === '(') depth++
    else if (types[at] === ')') depth--
    else if (types[at] === ',' && depth === 0) return at
  }
  return types.length
}

function writeTimes(out: NativeBytes, values: readonly unknown[]): void {
  for (const value of values) {
    const ms = value === null ? 0 : Date.parse(textIn(value))
    if (Number.isNaN(ms)) throw new TypeError()
    out.int64(ms)
  }
}

function textIn(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError()
  return value
}

function numberIn(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError()
  return value
}

function booleanIn(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError()
  return value
}

function listIn(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError()
  return value
}

function objectIn(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError()
  return value
}

const emptyUuid = '00000000-0000-0000-0000-000000000000'
