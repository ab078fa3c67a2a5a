import { text } from 'node:stream/consumers'
import { type Command } from 'commander'
import { UnderstudyError } from '../../shared/errors.ts'
import { knownViews, type Migration } from '../../shared/store/migrations.ts'
import { clickhouseCode } from '../../shared/store/store-errors.ts'
import { command, type CommonOptions, configOf } from './command.ts'
import { withReader } from './reader.ts'

type SqlOptions = CommonOptions & { format?: string }

export function sqlCommand(): Command {
  return command(
    'sql',
    "ask ClickHouse: understudy sql \"SELECT * FROM equivalence_summary(candidate='x', since='2026-01-01')\"",
  )
    .argument('[query]', 'the query; - or nothing reads it from standard input')
    .option('-f, --format <name>', 'any ClickHouse output format')
    .action(async (query: string | undefined, options: SqlOptions) => {
      const sql = query === undefined || query === '-' ? await text(process.stdin) : query
      if (sql.trim() === '') throw new UnderstudyError('USAGE', 'there is no query: understudy sql "SELECT 1"')
      const format =
        options.format ?? (options.json ? 'JSON' : process.stdout.isTTY ? 'PrettyCompactMonoBlock' : 'TSVWithNames')
      const answer = await withReader(configOf(options), (store) => store.queryText(sql, format)).catch(tellViews)
      process.stdout.write(answer.endsWith('\n') ? answer : `${answer}\n`)
    })
}

/** ClickHouse's codes for what comes of a view that is misspelt or asked without what it takes: no such function, no columns, no such table, no value. */
const ofViews = new Set([46, 51, 60, 456])

function tellViews(err: unknown): never {
  if (!(err instanceof UnderstudyError) || !ofViews.has(clickhouseCode(err.cause) ?? 0)) throw err
  const views = knownViews().flatMap(viewOf).join(', ')
  throw new UnderstudyError(err.code, `${err.message}\nViews, and what each takes as name='value': ${views}`, {
    cause: err,
  })
}

/** Of a file that is named for the view in it; the others hold what views are made of. */
function viewOf({ name: view, sql }: Migration): string[] {
  const definition = new RegExp(`VIEW ${view} AS\\s(.*?);\\s*$`, 'ms').exec(sql)?.[1]
  if (definition === undefined) return []
  const taken = new Set(Array.from(definition.matchAll(/\{(\w+):\w+\}/g), ([, parameter]) => parameter!))
  return [taken.size === 0 ? view : `${view}(${[...taken].join(', ')})`]
}
