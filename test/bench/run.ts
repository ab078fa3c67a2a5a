// npm run bench -- NAME [options]: runs one benchmark and its peers side by side, and prints ratios.
import '../../shared/young-objects.ts'
import { globSync } from 'node:fs'
import { basename } from 'node:path'

const [name, ...options] = process.argv.slice(2)
const known = globSync('test/bench/*.ts')
  .map((file) => basename(file, '.ts'))
  .filter((file) => file !== 'run')
if (name === undefined || !known.includes(name)) {
  console.error(
    `usage: npm run bench -- NAME [options]; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`,
  )
  process.exit(2)
}
const { bench } = (await import(`./${name}.ts`)) as { bench: (options: string[]) => Promise<void> }
await bench(options)
