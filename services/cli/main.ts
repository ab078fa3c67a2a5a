#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { UnderstudyError } from '../../shared/errors.ts'
import { deadLettersCommand } from './dead-letters.ts'
import { demoCommand } from './demo.ts'
import { doctorCommand } from './doctor.ts'
import { gateCommand } from './gate.ts'
import { importCommand } from './import.ts'
import { initCommand } from './init.ts'
import { migrateCommand } from './migrate.ts'
import { sqlCommand } from './sql.ts'
import { type StageMessage, stageCommands } from './stages.ts'
import { summaryCommand } from './summary.ts'
import { upCommand } from './up.ts'

/** Exit codes: 0 done (gate: go), 1 failed, 2 usage or configuration, 3 gate: no_go, 4 gate: inconclusive. */
async function main(argv: string[]): Promise<void> {
  const program = new Command('understudy')
    .description('Find out, from your own traffic, whether another model can replace the one you serve.')
    .showHelpAfterError('(see understudy --help)')
    .exitOverride()
  const commands = [
    initCommand(),
    doctorCommand(),
    upCommand(),
    ...stageCommands(),
    demoCommand(),
    importCommand(),
    summaryCommand(),
    gateCommand(),
    sqlCommand(),
    deadLettersCommand(),
    migrateCommand(),
  ]
  for (const command of commands) program.addCommand(command.exitOverride())
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
