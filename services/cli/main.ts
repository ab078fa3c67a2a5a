#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { UnderstudyError } from '../../shared/errors.ts'
import { type StageMessage } from './stages.ts'

/** In the order of the help. Only the one that was asked for is loaded, so that it answers at once. */
const commands: Record<string, () => Promise<Command[]>> = {
  init: async () => [(await import('./init.ts')).initCommand()],
  doctor: async () => [(await import('./doctor.ts')).doctorCommand()],
  up: async () => [(await import('./up.ts')).upCommand()],
  run: async () => (await import('./stages.ts')).stageCommands(),
  demo: async () => [(await import('./demo.ts')).demoCommand()],
  import: async () => [(await import('./import.ts')).importCommand()],
  summary: async () => [(await import('./summary.ts')).summaryCommand()],
  gate: async () => [(await import('./gate.ts')).gateCommand()],
  sql: async () => [(await import('./sql.ts')).sqlCommand()],
  'dead-letters': async () => [(await import('./dead-letters.ts')).deadLettersCommand()],
  migrate: async () => [(await import('./migrate.ts')).migrateCommand()],
}

/** Exit codes: 0 done (gate: go), 1 failed, 2 usage or configuration, 3 gate: no_go, 4 gate: inconclusive. */
async function main(argv: string[]): Promise<void> {
  const program = new Command('understudy')
    .description('Find out, from your own traffic, whether another model can replace the one you serve.')
    .showHelpAfterError('(see understudy --help)')
    .exitOverride()
  const asked = commands[argv[2] ?? '']
  const loaders = asked === undefined ? Object.values(commands) : [asked]
  for (const load of loaders) for (const command of await load()) program.addCommand(command.exitOverride())
  await program.parseAsync(argv)
}

try {
  await main(process.argv)
} catch (err) {
  process.exitCode = reportFailure(err)
}

function reportFailure(err: unknown): number {
  // Commander has printed its own message already; help and version end with code 0.
  if (err instanceof CommanderError) return err.exitCode === 0 ? 0 : 2
  const failure = err instanceof UnderstudyError ? err : new UnderstudyError('INTERNAL', String(err), { cause: err })
  if (process.connected) {
    // Started by `up`, which says it once, where the person looks.
    process.send?.({ failed: { code: failure.code, message: failure.message } } satisfies StageMessage)
    process.disconnect?.()
  } else if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ error: { code: failure.code, message: failure.message } })}\n`)
  } else {
    process.stderr.write(`understudy: ${failure.message}\n`)
  }
  if (failure.code === 'INTERNAL' && err instanceof Error) process.stderr.write(`${err.stack}\n`)
  return failure.exitCode
}
