import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const pom = fileURLToPath(new URL('pom.xml', import.meta.url))

/** Why no broker can be started on this machine, or null. */
export async function whatIsMissing(): Promise<string | null> {
  if (!(await answers('java', '-version'))) return 'Java 17 or later is not on the path'
  if (!existsSync(jarFolder()) && !(await answers('mvn', '-version'))) return 'Maven is not on the path'
  return null
}

/** The folder with Kafka's jars, fetched with Maven the first time. Safe to call from several processes at once. */
export async function kafkaJars(): Promise<string> {
  const folder = jarFolder()
  if (existsSync(folder)) return folder
  const incoming = `${folder}.${process.pid}`
  mkdirSync(incoming, { recursive: true })
  await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${incoming}`])
  try {
    // In one step, so that a folder of this name is always complete.
    renameSync(incoming, folder)
  } catch (err) {
    rmSync(incoming, { recursive: true, force: true })
    if (!existsSync(folder)) throw err
  }
  return folder
}

function jarFolder(): string {
  const version = /<kafka\.version>(.+?)</.exec(readFileSync(pom, 'utf8'))?.[1]
  if (!version) throw new Error(`${pom} names no kafka.version`)
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  return join(cache, 'understudy', `kafka-${version}`)
}

async function answers(command: string, ...args: string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  )
}
