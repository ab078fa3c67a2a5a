import { pino, type Logger } from 'pino'

export type { Logger }

/** JSON lines on standard error. Ids go in; prompts, answers and keys never do. */
export function createLogger(name: string, level = 'info'): Logger {
  return pino({ name, level, base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }))
}

/** For tests and for commands whose output is their own. */
export const silentLogger: Logger = pino({ level: 'silent' })
