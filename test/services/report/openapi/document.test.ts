import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { fastify } from 'fastify'
import { registerAccess, openAccess } from '../../../../services/report/access/access.ts'
import { registerApi } from '../../../../services/report/api.ts'
import { registerArms } from '../../../../services/report/arms.ts'
import { registerIntake } from '../../../../services/report/intake.ts'
import { openapiDocument } from '../../../../services/report/openapi/document.ts'
import { operations } from '../../../../services/report/openapi/operations.ts'
import { Access } from '../../../../shared/config/schema.ts'
import { Session } from '../../../../shared/contracts/session.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'

type Document = {
  openapi: string
  paths: Record<string, Record<string, { parameters: { name: string; in: string; required: boolean }[] }>>
  components: { schemas: Record<string, object> }
}

test('the document is OpenAPI 3.1, and every reference in it leads somewhere', async () => {
  const document = openapiDocument() as Document
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  deepEqual([valid, errors], [true, undefined])
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to!)
  ok(references.length > 20)
  for (const to of new Set(references)) ok(to.replace('#/components/schemas/', '') in document.components.schemas, to)
})

test('what is described is what is served, no more and no less', async () => {
  const app = fastify()
  const served: string[] = []
  app.addHook('onRoute', ({ method, path }) => {
    if (method !== 'HEAD' && /^\/(api|v1)\//.test(path)) served.push(`${String(method).toLowerCase()} ${path}`)
  })
  const unused = () => Promise.reject(new Error('nothing is asked here'))
  const access = openAccess({ listen: '127.0.0.1:0', access: Access.parse({}) })
  await registerAccess(app, access)
  registerIntake(app, { take: unused })
  registerArms(app, { list: unused, setPaused: unused })
  const parts = { config: {}, store: {}, source: {}, campaigns: {}, settler: {}, metrics: {} } as never
  await registerApi(app, Object.assign({ access, logger, exported: () => {} }, parts))
  await app.ready()
  await app.close()
  deepEqual(operations.map(({ method, path }) => `${method} ${path}`).toSorted(), served.toSorted())
})

test('parameters are named as they are asked for, those in the path too', () => {
  const { paths } = openapiDocument() as Document
  const names = (path: string) => paths[path]!['get']!.parameters.map(({ name, in: where }) => `${where} ${name}`)
  deepEqual(names('/api/v1/exchanges/{id}'), ['path id', 'query candidate'])
  ok(names('/api/v1/comparisons').includes('query cursor'))
  const worst = paths['/api/v1/comparisons/worst']!['get']!.parameters
  deepEqual(
    worst.filter(({ required }) => required).map(({ name }) => name),
    ['candidate'],
  )
})

test('a schema of the document takes what the contract takes', () => {
  const { components } = openapiDocument() as Document
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  const check = ajv.compile(components.schemas['Session']!)
  const session: Session = {
    version: 1,
    actor: 'local',
    role: 'admin',
    mayReadBodies: true,
    csrfToken: 'x',
    canSignOut: false,
  }
  equal(check(Session.parse(session)), true)
  equal(check({ ...session, role: 'owner' }), false)
})
