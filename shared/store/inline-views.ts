/**
 * Puts the text of a view with parameters in the place where a later view asks it (`FROM name(a='x', b={c:String})`). Why: the engine plans a
 * view twice, once to learn its columns and once to read it, and what is nested in it twice as often with each level.
 */
export function inlineViews<File extends { sql: string }>(files: readonly File[]): File[] {
  const texts = new Map<string, string>()
  return files.map((file) => ({
    ...file,
    sql: file.sql.replaceAll(definition, (_, head: string, name: string, text: string, end: string) => {
      const inlined = inline(text, texts)
      if (parameter.test(text)) texts.set(name, inlined)
      return `${head}${inlined}${end}`
    }),
  }))
}

function inline(text: string, texts: ReadonlyMap<string, string>): string {
  return text.replaceAll(asked, (whole, name: string, given: string) => {
    const nested = texts.get(name)
    if (nested === undefined) return whole
    const values = new Map([...given.matchAll(argument)].map(([, key, value]) => [key!, value!]))
    return `FROM (${nested.replaceAll(parameters, (own, key: string) => values.get(key) ?? own)})`
  })
}

const definition = /(CREATE OR REPLACE VIEW (\w+) AS\s)(.*?)(;[ \t]*(?:\n|$))/gs
const asked = /FROM (\w+)\(((?:[^(){}]|\{[^}]*\})*)\)/g
const argument = /(\w+)\s*=\s*(\{[^}]*\}|'[^']*'|\w+)/g
const parameter = /\{\w+:\w+\}/
const parameters = /\{(\w+):\w+\}/g
