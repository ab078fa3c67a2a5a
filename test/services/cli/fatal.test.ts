import { deepEqual } from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'

for (const stage of ['compare', 'record']) {
  test(`${stage} does not live on without its consumer: the process ends with an error, for a supervisor to start it anew`, async (context) => {
    const child = fork(new URL('fatal-stage.ts', import.meta.url), [stage], { stdio: 'ignore' })
    context.after(() => child.kill('SIGKILL'))
    deepEqual(await once(child, 'exit'), [1, null])
  })
}
