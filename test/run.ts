// Runs the tests: all of them, or with --quick those that need no broker and no engine. Other arguments are files.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { builtWeb } from './support/built-web.ts'

const args = process.argv.slice(2)
const quick = args.includes('--quick')
const named = args.filter((arg) => !arg.startsWith('--'))
// The pipeline shelf: a real Kafka broker, whole processes, a real browser.
const slow = /^test\/e2e\/|\.pipeline\.test\.ts$/
const files = named.length > 0 ? named : globSync('test/**/*.test.ts').filter((file) => !(quick && slow.test(file)))

// Once, and before two files want it at the same time.
if (files.some((file) => file.includes('report/web/') || file.includes('dashboard'))) await builtWeb()

const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=2', '--test-timeout=300000', '--test-reporter=spec', ...files.toSorted()],
  { stdio: 'inherit' },
)
process.exit(status ?? 1)
