import { deepEqual, equal, match, notEqual, ok, throws } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { csrfHeader, openAccess } from '../../../../services/report/access/access.ts'
import { startReport } from '../../../../services/report/main.ts'
import { digestOf } from '../../../../services/report/report.ts'
import { armsOf } from '../../../../shared/config/arms.ts'
import { Access, Config } from '../../../../shared/config/schema.ts'
import { Report } from '../../../../shared/contracts/report.ts'
import { Session } from '../../../../shared/contracts/session.ts'
import { type Act } from '../../../../shared/contracts/audit-entry.ts'
import { silentLogger as logger } from '../../../../shared/logger.ts'
import { comparisonRow } from '../../../support/comparison-rows.ts'
import { migratedStore } from '../../../support/migrated-store.ts'
import { aPairRow } from '../../../support/pair-rows.ts'
import { ask, codeOf } from '../../../support/report-access.ts'

const store = await migratedStore()
const tokens = { viewer: 'v'.repeat(32), reviewer: 'r'.repeat(32), admin: 'a'.repeat(32), hook: 'h'.repeat(32) }
const old = 'o'.repeat(32)
const proxy = {
  header: 'X-Forwarded-User',
  groupsHeader: 'X-Forwarded-Groups',
  from: ['127.0.0.8/30'],
  roles: { viewer: ['*@example.com'], reviewer: ['group:raters'], admin: ['ana@example.com'] },
}
const fromProxy = '127.0.0.9'

function configWith(access: object): Config {
  return Config.parse({
    tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
    providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
    control: { provider: 'openai' },
    candidates: [{ name: 'subtle', provider: 'openai', model: 'small-1' }],
    report: { listen: '127.0.0.1:0', access },
  })
}

const audited: [Act, string][] = []
const paused: [string, boolean, string][] = []

async function start(access: object) {
  const unused = () => Promise.reject(new Error('not looked at here'))
  return await startReport({
    config: configWith(access),
    store,
    logger,
    intake: { take: async (texts) => ({ items: texts.length, accepted: texts.length, refused: [] }) },
    arms: { list: unused, setPaused: async (...said) => void paused.push(said) },
    audit: (act, actor) => void audited.push([act, actor]),
  })
}

let guarded: Awaited<ReturnType<typeof start>>
let local: Awaited<ReturnType<typeof start>>

before(async () => {
  for (const [name, token] of Object.entries(tokens)) process.env[`TEST_TOKEN_${name.toUpperCase()}`] = token
  process.env['TEST_TOKEN_OLD'] = old
  const config = configWith({})
  const [control, subtle] = armsOf(config)
  const fingerprints = { armFingerprint: subtle!.fingerprint, controlFingerprint: control!.fingerprint }
  const row = aPairRow(1, { ...fingerprints, quality: 0, outcome: 'different' })
  await store.insert('comparisons', [{ ...comparisonRow(row, 'subtle'), served_excerpt: 'the secret of ana' }])
  guarded = await start({
    tokens: [
      ...Object.keys(tokens).map((name) => ({
        name,
        fromEnv: `TEST_TOKEN_${name.toUpperCase()}`,
        role: name === 'hook' ? 'intake' : name,
      })),
      { name: 'old', fromEnv: 'TEST_TOKEN_OLD', role: 'admin', expires: '2026-01-31' },
    ],
    proxy,
  })
  local = await start({})
})
after(async () => {
  await guarded.stop()
  await local.stop()
})

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const get = (path: string, headers: Record<string, string | string[]> = {}, localAddress?: string) =>
  ask(`${guarded.url}${path}`, { headers, ...(localAddress && { localAddress }) })
const post = (path: string, headers: Record<string, string>, body = '', localAddress?: string) =>
  ask(`${guarded.url}${path}`, { method: 'POST', headers, body, ...(localAddress && { localAddress }) })
const json = { 'content-type': 'application/json' }
const signIn = (token: string, headers: Record<string, string> = {}) =>
  post('/api/v1/session', { ...json, ...headers }, JSON.stringify({ token }))
const cookieOf = (answer: { headers: Record<string, string | string[] | undefined> }) =>
  (answer.headers['set-cookie'] as string[])[0]!.split(';')[0]!

test('without a word about access this machine may do everything, and nobody else is let in', async () => {
  const session = Session.parse(JSON.parse((await ask(`${local.url}/api/v1/session`)).text))
  deepEqual(
    { ...session, csrfToken: '' },
    {
      version: 1,
      actor: 'local',
      role: 'admin',
      mayReadBodies: true,
      csrfToken: '',
      canSignOut: false,
    },
  )
  for (const listen of ['0.0.0.0:3400', '[::]:3400', '10.0.0.7:3400', 'report.internal:3400'])
    throws(() => openAccess({ listen, access: Access.parse({}) }), {
      code: 'CONFIG_INVALID',
      message: /report\.access/,
    })
  for (const listen of ['127.0.0.1:3400', 'localhost:3400', '[::1]:3400', '127.9.9.9:3400'])
    openAccess({ listen, access: Access.parse({}) })
  openAccess({ listen: '0.0.0.0:3400', access: Access.parse({ anyone: 'viewer' }) })
})

test('a name that somebody leads to this machine is not served', async () => {
  for (const host of ['localhost:3400', '127.0.0.1', '[::1]:3400', 'app.localhost'])
    equal((await ask(`${local.url}/api/v1/session`, { headers: { host } })).status, 200, host)
  const rebound = await ask(`${local.url}/api/v1/session`, { headers: { host: 'evil.example:3400' } })
  equal(rebound.status, 403)
  equal(codeOf(rebound), 'FORBIDDEN')
})

test('nothing that tells of traffic is had without being known, and health is', async () => {
  for (const path of [
    '/api/v1/session',
    '/api/v1/report',
    '/api/v1/ledger',
    '/metrics',
    '/api/v1/candidates',
    '/api/v1/comparisons/worst?candidate=subtle',
  ]) {
    const refused = await get(path)
    equal(refused.status, 401, path)
    equal(codeOf(refused), 'AUTH_REQUIRED', path)
    match(refused.text, /Bearer/)
    equal(refused.headers['www-authenticate'], 'Bearer')
    equal(refused.headers['x-content-type-options'], 'nosniff')
    match(String(refused.headers['content-security-policy']), /frame-ancestors 'none'/)
  }
  for (const path of ['/healthz', '/readyz', '/sign-in']) equal((await get(path)).status, 200, path)
})

test('a token has its role, and no more', async () => {
  const roleOf = async (token: string) => Session.parse(JSON.parse((await get('/api/v1/session', bearer(token))).text))
  deepEqual(
    await Promise.all([tokens.viewer, tokens.reviewer, tokens.admin].map(roleOf)).then((all) =>
      all.map(({ actor, role, mayReadBodies }) => [actor, role, mayReadBodies]),
    ),
    [
      ['token:viewer', 'viewer', false],
      ['token:reviewer', 'reviewer', true],
      ['token:admin', 'admin', true],
    ],
  )
  equal((await post('/api/v1/arms/subtle/pause', bearer(tokens.admin))).status, 200)
  deepEqual(paused.at(-1), ['subtle', true, 'token:admin'])
  const refused = await post('/api/v1/arms/subtle/pause', bearer(tokens.reviewer))
  equal(refused.status, 403)
  match(refused.text, /token:reviewer has the role reviewer, and this needs admin/)
})

test('what hands exchanges in sees nothing, and others do not hand in', async () => {
  const handIn = (token: string) => post('/v1/exchanges', { ...json, ...bearer(token) }, '{}')
  equal((await handIn(tokens.hook)).status, 202)
  equal((await handIn(tokens.admin)).status, 202)
  equal((await handIn(tokens.viewer)).status, 403)
  for (const path of ['/api/v1/session', '/api/v1/ledger']) equal((await get(path, bearer(tokens.hook))).status, 403)
  equal((await signIn(tokens.hook)).status, 403)
})

test('a token that is wrong, or over, is refused with what to do', async () => {
  const wrong = await get('/api/v1/ledger', bearer('x'.repeat(32)))
  equal(wrong.status, 401)
  const over = await get('/api/v1/ledger', bearer(old))
  equal(over.status, 401)
  match(over.text, /the token old was taken until 2026-01-31: ask for a new one/)
  equal((await signIn(old)).status, 401)
})

test('the proxy says who asks, where it is the proxy; the highest role that fits counts', async () => {
  const session = async (user: string, groups = '') => {
    const answer = await get('/api/v1/session', { 'x-forwarded-user': user, 'x-forwarded-groups': groups }, fromProxy)
    return answer.status === 200 ? Session.parse(JSON.parse(answer.text)) : answer
  }
  const of = async (...said: Parameters<typeof session>) => {
    const found = await session(...said)
    return 'role' in found ? [found.actor, found.role] : [found.status, codeOf(found)]
  }
  deepEqual(await of('ben@example.com'), ['header:ben@example.com', 'viewer'])
  deepEqual(await of('ben@example.com', 'staff, raters'), ['header:ben@example.com', 'reviewer'])
  deepEqual(await of('ana@example.com'), ['header:ana@example.com', 'admin'])
  deepEqual(await of('eve@evil.example'), [403, 'FORBIDDEN'])
  deepEqual(await of('group:raters'), [401, 'AUTH_REQUIRED'])
  equal((await get('/api/v1/session', { 'x-forwarded-user': 'ana@example.com' }, '127.0.0.20')).status, 401)
  const twice = ['ana@example.com', 'ben@example.com']
  equal((await get('/api/v1/session', { 'x-forwarded-user': twice }, fromProxy)).status, 401)
})

test('a browser signs in with a token, keeps a cookie that scripts and other sites cannot use, and signs out', async () => {
  const signedIn = await signIn(tokens.reviewer, { origin: 'https://report.example' })
  equal(signedIn.status, 200)
  const [setCookie] = signedIn.headers['set-cookie'] as string[]
  match(setCookie!, /; HttpOnly/i)
  match(setCookie!, /; SameSite=Strict/i)
  match(setCookie!, /; Secure/i)
  match(setCookie!, /; Path=\//i)
  match(setCookie!, /Max-Age=43[12]\d\d/)
  ok(!setCookie!.includes(tokens.reviewer))
  const cookie = cookieOf(signedIn)
  const session = Session.parse(JSON.parse((await get('/api/v1/session', { cookie })).text))
  deepEqual([session.actor, session.role, session.canSignOut], ['token:reviewer', 'reviewer', true])
  equal(session.csrfToken, Session.parse(JSON.parse(signedIn.text)).csrfToken)

  const plain = await signIn(tokens.reviewer, { origin: 'http://127.0.0.1:3400' })
  ok(!/; Secure/i.test((plain.headers['set-cookie'] as string[])[0]!))
  notEqual(cookieOf(plain), cookie)

  const signOut = (headers: Record<string, string>) =>
    ask(`${guarded.url}/api/v1/session`, { method: 'DELETE', headers: { cookie, ...headers } })
  equal((await signOut({})).status, 403)
  equal((await signOut({ 'x-understudy-csrf': session.csrfToken })).status, 204)
  equal((await get('/api/v1/session', { cookie })).status, 401)
  equal((await get('/api/v1/session', { cookie: cookieOf(plain) })).status, 200)
})

test('a page without scripts signs in, too, and is not made to by another site', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams({ token: tokens.viewer }).toString()
  const page = await get('/api/v1/report', { accept: 'text/html,application/xhtml+xml' })
  equal(page.status, 401)
  match(page.text, /<form method="post" action="\/api\/v1\/session">/)
  match(String(page.headers['content-security-policy']), /form-action 'self'; frame-ancestors 'none'/)

  const signedIn = await post('/api/v1/session', form, body)
  deepEqual([signedIn.status, signedIn.headers['location']], [303, '/'])
  equal((await get('/api/v1/session', { cookie: cookieOf(signedIn) })).status, 200)
  equal((await post('/api/v1/session', { ...form, 'sec-fetch-site': 'cross-site' }, body)).status, 403)
  equal((await post('/api/v1/session', form, 'token=')).status, 400)
  equal((await signIn('x'.repeat(32))).status, 401)
})

test('a write of a browser needs the CSRF token of its own session', async () => {
  const mine = await signIn(tokens.admin)
  const other = await signIn(tokens.admin)
  const pause = (headers: Record<string, string>, localAddress?: string) =>
    post('/api/v1/arms/subtle/resume', headers, '', localAddress)
  const csrf = (answer: { text: string }) => ({ 'x-understudy-csrf': Session.parse(JSON.parse(answer.text)).csrfToken })
  const cookie = cookieOf(mine)
  equal((await pause({ cookie })).status, 403)
  equal((await pause({ cookie, 'x-understudy-csrf': 'x' })).status, 403)
  equal((await pause({ cookie, ...csrf(other) })).status, 403)
  equal((await pause({ cookie, ...csrf(mine) })).status, 200)
  const proxied = { 'x-forwarded-user': 'ana@example.com' }
  equal((await pause(proxied, fromProxy)).status, 403)
  equal((await pause({ ...proxied, ...csrf(await get('/api/v1/session', proxied, fromProxy)) }, fromProxy)).status, 200)
  // A bearer token is not sent by a browser of its own accord.
  equal((await pause({ ...bearer(tokens.admin), origin: 'https://elsewhere.example' })).status, 200)

  const atHome = (headers: Record<string, string>) =>
    ask(`${local.url}/api/v1/arms/subtle/resume`, { method: 'POST', headers })
  equal((await atHome({})).status, 200)
  equal((await atHome({ origin: 'https://evil.example' })).status, 403)
  equal((await atHome({ 'sec-fetch-site': 'same-origin' })).status, 403)
  const session = await ask(`${local.url}/api/v1/session`)
  equal((await atHome({ origin: local.url, ...csrf(session) })).status, 200)
})

test('whoever may not read texts gets none of them, in no format, and the audit log says who asked', async () => {
  const secret = 'the secret of ana'
  const worst = '/api/v1/comparisons/worst?candidate=subtle'
  for (const path of [
    worst,
    ...['json', 'md', 'html', 'text', 'csv', 'junit'].map((format) => `/api/v1/report?format=${format}`),
  ]) {
    const shown = await get(path, bearer(tokens.reviewer))
    const hidden = await get(path, bearer(tokens.viewer))
    deepEqual([shown.status, hidden.status], [200, 200], path)
    ok(!hidden.text.includes(secret) && !hidden.text.includes('value differs'), path)
    if (/worst|json|md|html/.test(path)) ok(shown.text.includes(secret), path)
  }
  const report = Report.parse(JSON.parse((await get('/api/v1/report', bearer(tokens.viewer))).text))
  equal(digestOf(report), report.digest)
  match(report.facts[0]!.worst[0]!.servedExcerpt, /^hidden: .*report\.access\.bodies/)
  const actors = new Set(audited.map(([{ action }, actor]) => `${actor} ${action}`))
  deepEqual([...actors].toSorted(), ['token:reviewer exported', 'token:viewer exported'])
})

test('a program that takes texts is told each time; a person who looks at the page, once a day', async () => {
  const told = async (...asked: (() => Promise<unknown>)[]) => {
    audited.length = 0
    for (const each of asked) await each()
    return audited.map(
      ([{ action, subject, details }, actor]) => `${actor} ${action} ${subject} ${JSON.stringify(details)}`,
    )
  }
  const signedIn = await signIn(tokens.reviewer)
  const cookie = cookieOf(signedIn)
  const { csrfToken } = Session.parse(JSON.parse(signedIn.text))
  const asPage = (format = 'json') => get(`/api/v1/report?format=${format}`, { cookie, [csrfHeader]: csrfToken })
  const asProgram = (headers: Record<string, string>) => get('/api/v1/report', { ...bearer(tokens.admin), ...headers })

  deepEqual(await told(asPage, asPage, () => asPage('md'), asPage), [
    'token:reviewer viewed report {"format":"json"}',
    'token:reviewer viewed report {"format":"md"}',
  ])
  const export_ = 'token:admin exported report {"format":"json"}'
  const ofAdmin = Session.parse(JSON.parse((await get('/api/v1/session', bearer(tokens.admin))).text))
  deepEqual(
    await told(
      () => asProgram({}),
      () => asProgram({}),
      () => asProgram({ [csrfHeader]: ofAdmin.csrfToken }),
    ),
    [export_, export_, export_],
  )
  // A link that is opened, or a token that is made up, is no page that looks.
  deepEqual(
    await told(
      () => get('/api/v1/report?format=csv', { cookie }),
      () => get('/api/v1/report', { cookie, [csrfHeader]: 'x'.repeat(csrfToken.length) }),
    ),
    ['token:reviewer exported report {"format":"csv"}', 'token:reviewer exported report {"format":"json"}'],
  )
})

test('a token that cannot be used is named with its variable', () => {
  const of =
    (env: Record<string, string>, ...names: string[]) =>
    () =>
      openAccess(
        {
          listen: '127.0.0.1:0',
          access: Access.parse({
            tokens: names.map((name) => ({ name, fromEnv: name.toUpperCase(), role: 'viewer' })),
          }),
        },
        env,
      )
  throws(of({}, 'ci'), { code: 'CONFIG_INVALID', message: /CI, the token of ci, is not set: .*openssl rand/ })
  throws(of({ CI: 'short' }, 'ci'), { message: /is too short/ })
  throws(of({ CI: tokens.viewer, CD: tokens.viewer }, 'ci', 'cd'), {
    message: /CD, the token of cd, holds the token of ci/,
  })
})
