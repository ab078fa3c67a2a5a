import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { UnderstudyError } from '../../shared/errors.ts'
import { type Ready, type Stage, type StageMessage } from './stages.ts'

export type Member = { ready: Promise<Ready>; stop(): Promise<void> }

/** Stages in a child process. `ended` resolves with why, when it is over. */
export function startProcess(
  stages: readonly Stage[],
  configFile: string,
  logLevel: string,
): Member & { ended: Promise<UnderstudyError> } {
  const args = ['run', ...stages, '--config', configFile, '--log-level', logLevel]
  const child: ChildProcess = fork(new URL('./main.ts', import.meta.url), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Out of the terminal's group: Ctrl-C reaches `up` alone, which stops them in order. They end with it in any case.
    detached: true,
  })
  const ready = Promise.withResolvers<Ready>()
  let failure: UnderstudyError | null = null
  child.on('message', (message: StageMessage) => {
    if ('ready' in message) ready.resolve(message)
    else failure = new UnderstudyError(message.failed.code, message.failed.message)
  })
  const ended = once(child, 'exit').then(
    ([code, signal]) => failure ?? stageFailed(stages, code as number | null, signal as string | null),
  )
  return {
    ready: ready.promise,
    ended,
    stop: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
      await ended
      clearTimeout(timer)
    },
  }
}

function stageFailed(stages: readonly Stage[], code: number | null, signal: string | null): UnderstudyError {
  const how = signal === null ? `ended with exit code ${code}` : `was ended from outside (${signal})`
  return new UnderstudyError(
    'STAGE_FAILED',
    `the process of ${stages.join(' and ')} ${how}: lines above may say why; \`understudy doctor\` checks the parts it needs`,
  )
}
