import { text } from 'node:stream/consumers'
import { type Command } from 'commander'
import { UnderstudyError } from '../../shared/errors.ts'
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
      const answer = await withReader(configOf(options), (store) => store.queryText(sql, format))
      process.stdout.write(answer.endsWith('\n') ? answer : `${answer}\n`)
    })
}
