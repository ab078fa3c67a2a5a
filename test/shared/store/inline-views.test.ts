import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import { inlineViews } from '../../../shared/store/inline-views.ts'
import { knownViews } from '../../../shared/store/migrations.ts'

const inlined = (...files: string[]) => inlineViews(files.map((sql) => ({ sql }))).map(({ sql }) => sql)
const rows = `-- Rows.
CREATE OR REPLACE VIEW rows_of AS
SELECT * FROM t WHERE arm = {arm:String} AND if({grid:Bool}, a, b) > {since:String};
`

test('a view with parameters is put where a later one asks it, with what it was given', () => {
  const [, later] = inlined(
    rows,
    "CREATE OR REPLACE VIEW later AS SELECT a FROM rows_of(arm={candidate:String}, since='2026', grid=false) AS x;\n",
  )
  equal(
    later,
    "CREATE OR REPLACE VIEW later AS SELECT a FROM (SELECT * FROM t WHERE arm = {candidate:String} AND if(false, a, b) > '2026') AS x;\n",
  )
})

test('what is nested twice is put in place, too, also within one file', () => {
  const [file] = inlined(
    `${rows}CREATE OR REPLACE VIEW once AS SELECT a FROM rows_of(arm='', since={since:String}, grid=true);
CREATE OR REPLACE VIEW twice AS SELECT a FROM once(since={from:String});
`,
  )
  match(
    file!,
    /VIEW twice AS SELECT a FROM \(SELECT a FROM \(SELECT \* FROM t WHERE arm = '' AND if\(true, a, b\) > \{from:String\}\)\);/,
  )
})

test('tables, functions of tables and views without parameters stay as they are, and so does a view by itself', () => {
  const files = [
    rows,
    'CREATE OR REPLACE VIEW all_rows AS SELECT * FROM t;\nCREATE OR REPLACE VIEW x AS SELECT {a:Int8} FROM all_rows, numbers(3);\n',
  ]
  deepEqual(inlined(...files), files)
})

test('no view asks another one by its parameters', () => {
  const views = knownViews().map(({ sql }) => sql.replaceAll(/^--.*$/gm, ''))
  for (const sql of views) doesNotMatch(sql, /FROM \w+\(\s*\w+\s*=/)
})
