import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, test } from 'node:test'
import { fastify } from 'fastify'
import { armsDesk } from '../../../services/cli/arms.ts'
import { listAudit } from '../../../services/cli/audit.ts'
import { auditEntry, personHere, writeAudit } from '../../../services/cli/audit-trail.ts'
import { startRecord } from '../../../services/record/main.ts'
import { openAccess, registerAccess } from '../../../services/report/access/access.ts'
import { registerSignIn } from '../../../services/report/access/sign-in.ts'
import { registerArms } from '../../../services/report/arms.ts'
import { loadConfig } from '../../../shared/config/load.ts'
import { Access } from '../../../shared/config/schema.ts'
import { Session } from '../../../shared/contracts/session.ts'
import { openTopicLog } from '../../../shared/log/open.ts'
import { silentLogger as logger } from '../../../shared/logger.ts'
import { migratedStore } from '../../support/migrated-store.ts'
import { understudy } from '../../support/understudy.ts'

const root = mkdtempSync(join(tmpdir(), 'understudy-audit-'))
after(() => rmSync(root, { recursive: true, force: true }))
const store = await migratedStore()

function configFile(folder: string): string {
  const file = join(root, `${folder}.yaml`)
  writeFileSync(
    file,
    `tap: { upstreams: { openai: { dialect: openai, baseUrl: 'http://127.0.0.1:1' } }, spool: { folder: ./${folder}/spool } }
log: { embedded: ./${folder}/log.db }
store: { embedded: ./${folder}/store, listen: '127.0.0.1:1' }
providers: { openai: { dialect: openai, baseUrl: 'http://127.0.0.1:1/v1', apiKey: x } }
control: { provider: openai }
candidates: [{ name: mini, provider: openai, model: gpt-4o-mini }]
`,
  )
  return file
}

test('what people do at the command line and over HTTP is listed with who did it, in order', async () => {
  const config = loadConfig(configFile('desk'), {})
  const app = fastify()
  const proxy = { header: 'X-Forwarded-User', from: ['127.0.0.1'], roles: { admin: ['ben'] } }
  const access = openAccess({ listen: '127.0.0.1:0', access: Access.parse({ anyone: 'admin', proxy }) })
  await registerAccess(app, access)
  registerSignIn(app, access)
  registerArms(app, armsDesk(config))
  const ben = { 'x-forwarded-user': 'ben' }
  const session = Session.parse((await app.inject({ url: '/api/v1/session', headers: ben })).json())
  const headers = { ...ben, 'x-understudy-csrf': session.csrfToken }
  const paused = await app.inject({ method: 'POST', url: '/api/v1/arms/mini/pause', headers })
  const resumed = await app.inject({ method: 'POST', url: '/api/v1/arms/mini/resume' })
  await app.close()
  assert.deepEqual([paused.statusCode, resumed.statusCode], [200, 200])
  await writeAudit(config, { action: 'exported', subject: 'mini', details: { format: 'csv' } })

  const log = await openTopicLog(config.log, { logger, clientId: 'test' })
  const record = await startRecord({ log, store, logger })
  while ((await log.lag('record', 'audit')) > 0) await sleep(20)
  await record.stop()
  await log.close()

  const listed = await listAudit(store, new Date(0))
  assert.deepEqual(
    listed.map(({ actor, action, subject, details }) => ({ actor, action, subject, details })),
    [
      { actor: 'header:ben', action: 'paused', subject: 'mini', details: {} },
      { actor: 'anyone', action: 'resumed', subject: 'mini', details: {} },
      { actor: personHere(), action: 'exported', subject: 'mini', details: { format: 'csv' } },
    ],
  )
  assert.deepEqual(await listAudit(store, new Date(Date.now() + 60_000)), [])
})

test('an entry that is signed twice is two entries; one that is delivered twice is one', () => {
  const act = { action: 'exported', subject: 'mini' } as const
  assert.notEqual(auditEntry(act, 'os:ana').entryId, auditEntry(act, 'os:ana').entryId)
})

test('the command line says who erased how much, and never whom', async () => {
  const file = configFile('erase')
  const erased = await understudy('erase', '--config', file, '--conversation', 'bob', '--yes')
  assert.equal(erased.code, 0, erased.stderr)
  const listed = await understudy('audit', '--config', file, '--since', '1d')
  assert.match(listed.stdout, /os:\S+\s+erased\s+conversation\s+\{"exchanges":0,"isDone":true/)
  assert.doesNotMatch(listed.stdout, /bob/)
  const json = await understudy('audit', '--config', file, '--json')
  assert.equal((JSON.parse(json.stdout) as { action: string }[])[0]!.action, 'erased')
})
