#!/usr/bin/env node
// The only plain JavaScript here: an older Node reads it, and hands over to the one that was installed beside the program.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const oldest = 26
const main = new URL('main.ts', import.meta.url)
const ownNode = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url))

if (Number(process.versions.node.split('.')[0]) >= oldest) {
  await import(main.href)
} else if (existsSync(ownNode)) {
  const child = spawn(ownNode, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' })
  // What is sent to this process is meant for the program. A terminal sends its own to both.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => child.kill(signal))
  process.on('SIGINT', () => {})
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
} else {
  console.error(
    `understudy needs Node ${oldest} or newer and runs on ${process.version}: run \`npm ci\` in ${fileURLToPath(new URL('../..', import.meta.url))}, which brings its own, or install Node ${oldest}`,
  )
  process.exitCode = 2
}
