import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type TestContext } from 'node:test'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { type ClaimBucket } from '../../../../shared/config/schema.ts'
import { pythonWith } from '../../../support/python.ts'

const found = await pythonWith(fileURLToPath(new URL('requirements.txt', import.meta.url)))

/** Why there is none; false where there is one. */
export const noBucket: string | false = 'missing' in found ? found.missing : false

/** Moto, which speaks S3 (docs.getmoto.org), in a process of its own with an empty bucket. */
export async function pretendBucket(context: TestContext): Promise<ClaimBucket> {
  if ('missing' in found) throw new Error(found.missing)
  const server = spawn(found.python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  context.after(async () => {
    server.kill('SIGKILL')
    await once(server, 'exit')
  })
  for await (const line of createInterface(server.stderr)) {
    const [endpoint] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
    if (endpoint === undefined) continue
    server.stderr.resume()
    const config = { endpoint, bucket: 'large', prefix: 'understudy/', region: 'us-east-1' }
    const keys = { accessKeyId: 'test', secretAccessKey: 'test' }
    await new S3Client({ ...config, forcePathStyle: true, credentials: keys }).send(
      new CreateBucketCommand({ Bucket: config.bucket }),
    )
    return { ...config, ...keys }
  }
  throw new Error('moto ended before it served')
}
