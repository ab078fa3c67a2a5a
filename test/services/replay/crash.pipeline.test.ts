import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { stateFileOf } from '../../../shared/limits/open.ts'
import { openLocalState } from '../../../shared/limits/local-state.ts'
import { aFolder, callUsd, kills, killWorkers, prepare } from './crash/kill-workers.ts'
import { concurrency } from './crash/settings.ts'

test(`on the embedded log, a worker killed ${kills.embedded} times loses no observation, counts none twice and pays again only for what was in hand`, async (context) => {
  const file = join(aFolder(context), 'log.db')
  await prepare({ embedded: file })
  // Two workers at a time: each finds what the other left, too.
  const { asked } = await killWorkers(context, { embedded: file }, { kills: kills.embedded, workers: 2 })

  const books = openLocalState({ file: stateFileOf(file) })
  context.after(() => books.close())
  const spentUsd = books.spentUsd('mini')
  assert.ok(spentUsd >= asked.mini * callUsd, `${spentUsd} in the books for ${asked.mini} calls`)
  assert.ok(spentUsd <= (asked.mini + kills.embedded * concurrency) * callUsd, `${spentUsd} for ${asked.mini} calls`)
})
