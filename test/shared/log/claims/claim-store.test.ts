import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { type ClaimStore, openClaimStore } from '../../../../shared/log/claims/claim-store.ts'
import { noBucket, pretendBucket } from './pretend-bucket.ts'

const rules = { overBytes: 900_000, keepDays: 14 }

function someFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-claims-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

type Open = (context: TestContext) => Promise<ClaimStore>
const folderStore: Open = (context) => openClaimStore({ ...rules, folder: join(someFolder(context), 'shared') })
const bucketStore: Open = async (context) => openClaimStore({ ...rules, s3: await pretendBucket(context) })

for (const [what, open, skip] of [
  ['a folder', folderStore, false],
  ['a bucket', bucketStore, noBucket],
] as const) {
  test(`${what} gives back what was put there, lists it, and lets it be removed`, { skip }, async (context) => {
    const store = await open(context)
    const [first, second] = [randomBytes(3_000_000), Buffer.from('two')]
    equal(await store.get('exchanges/1'), null)
    deepEqual(await Array.fromAsync(store.list()), [])

    const before = Date.now()
    await store.put('exchanges/1', first)
    await store.put('observations/2', second)
    deepEqual(await store.get('exchanges/1'), first)
    deepEqual(await store.get('observations/2'), second)
    const listed = await Array.fromAsync(store.list())
    deepEqual(listed.map(({ name }) => name).toSorted(), ['exchanges/1', 'observations/2'])
    ok(listed.every(({ putAtMs }) => putAtMs >= before - 2_000 && putAtMs <= Date.now() + 2_000))

    await store.remove('exchanges/1')
    await store.remove('exchanges/1')
    equal(await store.get('exchanges/1'), null)
    deepEqual(
      (await Array.fromAsync(store.list())).map(({ name }) => name),
      ['observations/2'],
    )
  })
}

test('a folder that cannot be used is told with its name and the cure, and may be tried again', async (context) => {
  const folder = join(someFolder(context), 'file')
  writeFileSync(folder, '')
  const store = await openClaimStore({ ...rules, folder })
  const told = { code: 'LOG_UNAVAILABLE', retryable: true, message: /file \(ENOTDIR|file \(EEXIST/ }
  await rejects(store.put('exchanges/1', Buffer.from('x')), told)
  await rejects(store.get('exchanges/1'), told)
  await rejects(Array.fromAsync(store.list()), told)
})

test(
  'a bucket that does not exist, and a server that does not answer, are told with the cure',
  { skip: noBucket },
  async (context) => {
    const bucket = await pretendBucket(context)
    const absent = await openClaimStore({ ...rules, s3: { ...bucket, bucket: 'absent' } })
    const message = /s3:\/\/absent\/understudy\/ \(NoSuchBucket, HTTP 404\): check log.kafka.claimCheck.s3/
    await rejects(absent.put('exchanges/1', Buffer.from('x')), { code: 'LOG_UNAVAILABLE', message })
    await rejects(absent.get('exchanges/1'), { code: 'LOG_UNAVAILABLE', message })
    const silent = await openClaimStore({ ...rules, s3: { ...bucket, endpoint: 'http://127.0.0.1:9' } })
    await rejects(silent.put('exchanges/1', Buffer.from('x')), { code: 'LOG_UNAVAILABLE', message: /ECONNREFUSED/ })
  },
)
