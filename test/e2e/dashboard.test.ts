import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Page } from 'playwright-core'
import { parse } from 'yaml'
import { runApp } from '../../services/cli/demo/app.ts'
import { type DemoExchange } from '../../services/cli/demo/traffic.ts'
import { demoApiKey } from '../../services/cli/demo/world.ts'
import { payloads } from '../services/report/web/stage.ts'
import { openBrowser } from '../support/browser.ts'
import { builtWeb } from '../support/built-web.ts'
import { setStage, startUnderstudy, understudy, until } from '../support/understudy.ts'
import { createVisitor, patienceMs, seriousIn } from '../support/visitor.ts'

const isBuilt = await builtWeb()
const opened = await openBrowser()
const skip = opened.reason ?? (isBuilt ? false : 'the dashboard cannot be built here: vite is not installed')

/** What every model says to this one would run if it were ever read as markup, and so would what was asked. */
const hostile: DemoExchange = {
  id: 'hostile',
  kind: 'support',
  conversationId: payloads[1]!,
  system: payloads[0]!,
  messages: [{ role: 'user', content: payloads[2]! }],
  truth: { type: 'text', answers: [payloads.join('\n')] },
}

const people = { ada: 'admin', rex: 'reviewer', vic: 'viewer' } as const
const tokenOf = (name: keyof typeof people) => `${name}-${'t'.repeat(40)}`
const variableOf = (name: string) => `TEST_LIVE_${name.toUpperCase()}`

/** One `up` from its first minute on: each test goes on where the one before it has stopped. */
describe('the dashboard of a running understudy', { skip }, async () => {
  const browser = opened.browser!
  let stage: Awaited<ReturnType<typeof setStage>>
  let up: Awaited<ReturnType<typeof startUnderstudy>>
  let visitor: ReturnType<typeof createVisitor>
  let page: Page
  /** What the page itself says where requests go. */
  const addresses: string[] = []
  const arms = 3
  const pairsOf = (exchanges: number) => `${exchanges * arms} pairs compared`

  before(async () => {
    for (const name of Object.keys(people)) process.env[variableOf(name)] = tokenOf(name as keyof typeof people)
    const edit = (config: Record<string, unknown>) => {
      const { candidates, report } = config as { candidates: { name: string }[]; report: object }
      config['candidates'] = candidates.filter(({ name }) => ['equivalent', 'fenced'].includes(name))
      config['waiversFile'] = './waivers.yaml'
      const tokens = Object.entries(people).map(([name, role]) => ({ name, role, fromEnv: variableOf(name) }))
      config['report'] = { ...report, access: { bodies: 'reviewer', tokens } }
    }
    stage = await setStage(40, edit, [hostile])
    writeFileSync(join(stage.folder, 'waivers.yaml'), '')
    up = await startUnderstudy('up', '--config', stage.configFile)
    visitor = createVisitor(browser, `http://127.0.0.1:${stage.ports.report}`)
  })
  after(async () => {
    await browser.close()
    const finished = await up?.stop()
    await stage?.strike()
    equal(finished?.code, 0, finished?.stderr)
  })

  async function signIn(name: keyof typeof people, hash = ''): Promise<Page> {
    const entered = await visitor.visit(hash)
    await entered.getByLabel('Access token').waitFor()
    // The field has the focus: who signs in has no need of a mouse.
    await entered.keyboard.type(tokenOf(name))
    await entered.keyboard.press('Enter')
    await entered.getByText(`${name} · ${people[name]}`).waitFor()
    return entered
  }

  const send = (exchanges: readonly DemoExchange[]) => {
    const [openai, anthropic] = addresses as [string, string]
    return runApp({
      openaiBaseUrl: openai,
      anthropicBaseUrl: anthropic,
      apiKey: demoApiKey,
      exchanges,
      concurrency: 4,
    })
  }

  test('before the first request there is no verdict, but a word on how to send one', async () => {
    page = await signIn('ada')
    await page.getByText('Nobody knows yet.').waitFor()
    const first = page.getByRole('region', { name: 'Send the first request' })
    const commands = await first.locator('code').allInnerTexts()
    addresses.push(...commands.map((command) => command.replace(/^export \w+=/, '')))
    deepEqual(addresses, [
      `http://127.0.0.1:${stage.ports.tap}/openai/v1`,
      `http://127.0.0.1:${stage.ports.tap}/anthropic`,
    ])
    deepEqual(await seriousIn(page), [])
  })

  test('requests sent to the address that it gives are seen as pairs, without loading the page again', async () => {
    const half = stage.exchanges.slice(0, 20)
    await page.evaluate('window.isSamePage = true')

    equal((await send(half)).failed, 0)
    await page.getByText(pairsOf(20), { exact: true }).waitFor()
    await page.locator('.flow > li', { hasText: /^Compared60/ }).waitFor()
    await page.getByRole('article', { name: 'fenced' }).waitFor()
    await page.getByRole('region', { name: 'Send the first request' }).waitFor({ state: 'hidden' })

    equal((await send(stage.exchanges.slice(20))).failed, 0)
    await page.getByText(pairsOf(41), { exact: true }).waitFor()
    await page.locator('.flow > li', { hasText: /^Compared123/ }).waitFor()
    equal(await page.evaluate('window.isSamePage'), true)
    deepEqual(await seriousIn(page), [])
  })

  test('by keys alone one goes from the overview down to one pair, and back', async () => {
    await page.getByRole('article', { name: 'fenced' }).getByRole('link', { name: 'All evidence' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Gates' }).waitFor()
    deepEqual(await seriousIn(page), [])
    await page.getByRole('link', { name: 'Look at the pairs' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('41 pairs', { exact: true }).waitFor()
    await page.getByLabel('Route').selectOption('invoice')
    const invoices = stage.exchanges.filter(({ kind }) => kind === 'invoice').length
    await page.getByText(`${invoices} pairs`, { exact: true }).waitFor()
    deepEqual(await seriousIn(page), [])
    await page.getByRole('grid', { name: 'Pairs' }).focus()
    await page.keyboard.press('j')
    await page.locator('#pair-1[aria-selected=true]').waitFor()
    await page.keyboard.press('k')
    await page.keyboard.press('Enter')

    await page.getByRole('heading', { name: 'What fenced made of it' }).waitFor()
    match(await page.getByRole('region', { name: 'fenced', exact: true }).innerText(), /```json/)
    deepEqual(await seriousIn(page), [])
    await page.keyboard.press('Escape')
    await page.locator('#pair-0[aria-selected=true]').waitFor()
  })

  test('what a model says in markup is text, from the list to the page of the pair and the review', async () => {
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByLabel('Search in the answers').fill('onerror=')
    await page.getByText('1 pair', { exact: true }).waitFor()
    await page.locator('#pair-0').getByText(payloads[0]!).first().waitFor()
    await page.locator('#pair-0').click()
    await page.getByRole('heading', { name: 'Answers' }).waitFor()
    const words = await page.locator('main').innerText()
    for (const payload of payloads) ok(words.includes(payload), payload)
    await page.getByRole('link', { name: 'Review' }).click()
    await page.getByRole('article', { name: 'Pair to label' }).waitFor()
    equal(await page.evaluate('window.owned'), undefined)
    equal(await page.locator('main script, main img, main iframe, main [onload], main [onerror]').count(), 0)
  })

  test('a label is given by a key and taken back by another, and stays where it was meant', async () => {
    await page.keyboard.press('f')
    await page.getByText('1 labelled just now').waitFor()
    await page.keyboard.press('u')
    await page.getByText('1 labelled just now').waitFor({ state: 'hidden' })
    await page.keyboard.press('n')
    await page.getByText('1 labelled just now').waitFor()
    deepEqual(await seriousIn(page), [])

    const { rows } = JSON.parse(
      await sql('SELECT label, reviewer, undone_at IS NULL AS stands FROM labels_unique ORDER BY label'),
    ) as { rows: unknown }
    deepEqual(rows, [
      { label: 'fine', reviewer: 'token:ada', stands: 0 },
      { label: 'not_fine', reviewer: 'token:ada', stands: 1 },
    ])
  })

  async function sql(question: string): Promise<string> {
    const { stdout, stderr, code } = await understudy('sql', '--config', stage.configFile, '--format', 'JSON', question)
    equal(code, 0, stderr)
    return JSON.stringify({ rows: (JSON.parse(stdout) as { data: unknown }).data })
  }

  test('a waiver is looked at, kept, and shows as applied when the past was compared again', async () => {
    await page.goto(`${new URL(page.url()).origin}/#/pairs?candidate=fenced&route=invoice&outcome=different`)
    await page.locator('#pair-0').click()
    await page.getByRole('button', { name: 'Waive…' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/^\d+ pairs? of \d+$/).waitFor()
    match(await dialog.innerText(), /The served model, asked again, never differs like this/)
    await dialog.getByLabel('Why it does not matter').fill('our parser takes the fence off')
    deepEqual(await seriousIn(page), [])
    await dialog.getByRole('button', { name: 'Waive it' }).click()
    await dialog.getByText(/compare --rescore --since 30d makes it count for the past/).waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    const { waivers } = parse(readFileSync(join(stage.folder, 'waivers.yaml'), 'utf8')) as {
      waivers: Record<string, string>[]
    }
    equal(waivers.length, 1)
    deepEqual([waivers[0]!['author'], waivers[0]!['arm']], ['token:ada', 'fenced'])

    const rescored = await understudy('compare', '--rescore', '--since', '1d', '--config', stage.configFile)
    equal(rescored.code, 0, rescored.stderr)
    // `record` stores them in its own time.
    await until('the waiver shows', patienceMs, async () => {
      await page.reload()
      await page.getByRole('heading', { name: 'What fenced made of it' }).waitFor()
      return (await page.getByText(/^waived by /).count()) > 0
    })
  })

  test('a golden set is frozen of what has come in', async () => {
    await page.getByRole('link', { name: 'Golden sets' }).click()
    await page.getByLabel('Name').fill('first-days')
    await page.getByLabel('Exchanges').fill('6')
    await page.getByLabel('Kept back, %').fill('0')
    await page.getByRole('button', { name: 'Freeze' }).click()
    await page.getByText('as it was frozen').waitFor()
    equal(await page.locator('.golden-rows > li').count(), 6)
    deepEqual(await seriousIn(page), [])
  })

  test('a viewer sees verdicts and no text; a reviewer labels and keeps no waiver', async () => {
    const viewer = await signIn('vic')
    await viewer.getByRole('article', { name: 'fenced' }).waitFor()
    await viewer.getByRole('link', { name: 'Review' }).click()
    await viewer.getByText('You may look, not label').waitFor()
    await viewer.getByRole('link', { name: 'Golden sets' }).click()
    await viewer.getByText('Only an admin may freeze a set').waitFor()
    await viewer.getByRole('link', { name: 'Pairs' }).click()
    await viewer.locator('#pair-0').waitFor()
    ok((await viewer.locator('#pair-0').innerText()).includes('hidden'))
    await visitor.leave(viewer)

    const reviewer = await signIn('rex', '#/pairs?candidate=equivalent&outcome=different')
    await reviewer.locator('#pair-0').click()
    await reviewer.getByRole('button', { name: 'Waive…' }).first().click()
    await reviewer.getByText('Only an admin may keep a waiver').waitFor()
    await visitor.leave(reviewer)
  })

  test('whoever has looked all the while is told once in the audit log, and not as having exported', async () => {
    const of = `SELECT action, toUInt32(count()) AS times FROM audit_log
      WHERE actor = 'token:ada' AND subject = 'report' GROUP BY action`
    deepEqual(JSON.parse(await sql(of)), { rows: [{ action: 'viewed', times: 1 }] })
  })

  test('no page has complained', () => deepEqual(visitor.complaints, []))
})

if (opened.reason !== null) test(`the dashboard is not tried: ${opened.reason}`, { skip: opened.reason }, () => {})
