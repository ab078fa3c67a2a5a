import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Page } from 'playwright-core'
import { openBrowser } from '../../../support/browser.ts'
import { builtWeb } from '../../../support/built-web.ts'
import { migratedStore } from '../../../support/migrated-store.ts'
import { createVisitor, patienceMs, seriousIn } from '../../../support/visitor.ts'
import { exchangeId, payloads, seedComparisons, seedExchange, startDashboard, strange, tokenOf } from './stage.ts'

const isBuilt = await builtWeb()
const opened = await openBrowser()
const skip = opened.reason ?? (isBuilt ? false : 'the dashboard cannot be built here: vite is not installed')

describe('the dashboard in a browser', { skip }, async () => {
  const browser = opened.browser!
  const store = await migratedStore()
  let open: Awaited<ReturnType<typeof startDashboard>>
  let closed: Awaited<ReturnType<typeof startDashboard>>
  let visit: ReturnType<typeof createVisitor>['visit']
  let leave: ReturnType<typeof createVisitor>['leave']
  let complaints: string[]

  before(async () => {
    await seedComparisons(store, 0, 300)
    await seedExchange(store, 0)
    await seedExchange(store, 15, 'A long answer. '.repeat(70_000), 'short')
    await seedExchange(store, 30, 'said', 'said too', 'bytes')
    await seedExchange(store, 45, 'gone', 'gone too', 'numbers')
    open = await startDashboard(store)
    closed = await startDashboard(store, 'tokens')
    ;({ visit, leave, complaints } = createVisitor(browser, open.url))
  })
  after(async () => {
    await browser.close()
    await open.stop()
    await closed.stop()
  })

  async function ask<T>(path: string): Promise<T> {
    return (await (await fetch(`${open.url}${path}`)).json()) as T
  }

  test('the overview says what the verdict is, why, and what would change it', async () => {
    const page = await visit('')
    const card = page.getByRole('article', { name: 'small' })
    await card.getByText('NO-GO', { exact: true }).waitFor()

    const words = await card.innerText()
    match(words, /small is outside the margin of quality/)
    match(words, /Small keeps 80\.0 % of the served answers’ facts/)
    match(words, /What would change it\s+More of the same traffic will not change it/)
    match(words, /Cost per request\s+\$0\.00100\s*−50 %/)
    await page.getByRole('heading', { name: 'From served to verdict' }).waitFor()
    deepEqual(await seriousIn(page), [])
    await leave(page)
  })

  test('the verdicts and the ledger are there before the facts beside them', async () => {
    const page = await browser.newPage()
    page.setDefaultTimeout(patienceMs)
    const held = Promise.withResolvers<void>()
    await page.route('**/api/v1/report?*', async (route) => {
      await held.promise
      await route.continue()
    })
    await page.goto(open.url)
    const card = page.getByRole('article', { name: 'small' })
    await card.getByText('NO-GO', { exact: true }).waitFor()
    await page.locator('.flow > li', { hasText: /^Compared/ }).waitFor()
    const ofFacts = card.getByText(/^(Saved|Extra cost) a month$/)
    equal(await ofFacts.count(), 0)

    held.resolve()
    await ofFacts.waitFor()
    await page.close()
  })

  test('what comes in while one looks is seen without loading again', async () => {
    const page = await visit('')
    await page.locator('.flow > li', { hasText: /^Compared600/ }).waitFor()
    await page.getByText('600 pairs compared', { exact: true }).waitFor()

    await seedComparisons(store, 300, 320)

    // What a slow machine took long to read is remembered long; the page asks again for two minutes.
    const patiently = { timeout: 150_000 }
    await page.getByText('640 pairs compared', { exact: true }).waitFor(patiently)
    await page.locator('.flow > li', { hasText: /^Compared640/ }).waitFor(patiently)
    await leave(page)
  })

  test('a candidate is read from its gates down to the pairs behind a field', async () => {
    const page = await visit('')
    await page.getByRole('link', { name: 'small', exact: true }).first().click()
    await page.getByRole('heading', { name: 'Gates' }).waitFor()
    equal(
      await page
        .getByRole('row', { name: /^quality .*decides/ })
        .getByText('broken')
        .count(),
      1,
    )
    await page.getByRole('heading', { name: 'Evidence over time' }).scrollIntoViewIfNeeded()
    await page.locator('canvas').first().waitFor()
    await page.getByRole('link', { name: '/total' }).first().scrollIntoViewIfNeeded()
    deepEqual(await seriousIn(page), [])

    await page.getByRole('link', { name: '/total' }).first().click()

    await page.locator('.pair-rows .pair-row').first().waitFor()
    equal(await page.getByLabel('Field that differs').inputValue(), '/total')
    await leave(page)
  })

  test('pairs are searched and filtered by the store, and the address says what is shown', async () => {
    const page = await visit('#/pairs?candidate=small')
    await page.getByText(/^\d+( or more)? pairs$/).waitFor()
    await page.getByLabel('Search in the answers').fill('wrong number 95')
    await page.getByText('1 pair', { exact: true }).waitFor()
    match(page.url(), /q=wrong\+number\+95/)
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByLabel('Outcome').selectOption('different')
    await page.getByText('64 pairs', { exact: true }).waitFor()
    deepEqual(await seriousIn(page), [])
    await leave(page)
  })

  test('what is beside a verdict is asked for when the verdict is there, because the store answers one question at a time', async () => {
    const page = await browser.newPage()
    page.setDefaultTimeout(patienceMs)
    const held = Promise.withResolvers<void>()
    const asked: string[] = []
    page.on('request', (request) => void asked.push(new URL(request.url()).pathname))
    await page.route('**/api/v1/verdicts', async (route) => {
      await held.promise
      await route.continue()
    })
    await page.goto(open.url)
    await page.getByText('Live', { exact: true }).first().waitFor()
    ok(asked.includes('/api/v1/verdicts'))
    ok(!asked.includes('/api/v1/report'))

    const report = page.waitForRequest(/api\/v1\/report\?/)
    held.resolve()
    await report
    await page.close()
  })

  test('as many rows are drawn as a window holds, and the texts of those in sight alone are asked for', async () => {
    const page = await visit('#/pairs?candidate=tiny&sort=oldest', { viewport: { width: 1440, height: 900 } })
    const asking = () => page.waitForRequest(/comparisons\/texts/, { timeout: patienceMs })
    const first = asking()
    await page.reload()
    await page.locator('#pair-0').waitFor()
    const inSight = await page.evaluate<number>(`Math.ceil(document.querySelector('.pair-grid').clientHeight / 62)`)
    const linesOf = async (asked: ReturnType<typeof asking>) =>
      new URL((await asked).url()).searchParams.get('lines')!.split(',').length
    const isOfSight = (lines: number) => ok(lines > 5 && lines <= inSight + 1, `${lines} of ${inSight}`)
    isOfSight(await linesOf(first))

    await page.getByText('250 or more pairs').waitFor()
    const second = asking()
    await page.evaluate(`document.querySelector('.pair-grid').scrollTop = 150 * 62`)

    isOfSight(await linesOf(second))
    await page.locator('#pair-152').getByText('served number 152', { exact: true }).waitFor()
    ok((await page.locator('.pair-rows .pair-row').count()) <= inSight + 20)
    await leave(page)
  })

  test('the list needs no mouse: j, k, Enter, Escape, / and ?', async () => {
    const page = await visit('#/pairs?candidate=small&sort=oldest')
    await page.locator('#pair-0[aria-selected=true]').waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    await page.locator('#pair-1[aria-selected=true]').waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys of this page' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.keyboard.press('/')
    await page.keyboard.type('jjj')
    equal(await page.getByLabel('Search in the answers').inputValue(), 'jjj')
    await page.getByLabel('Search in the answers').fill('')
    await page.locator('#pair-0').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('k')
    await page.locator('#pair-0[aria-selected=true]').waitFor()

    await page.keyboard.press('Enter')

    await page.getByRole('heading', { name: 'Answers' }).waitFor()
    ok(page.url().includes(exchangeId(0)))
    await page.keyboard.press('Escape')
    await page.locator('#pair-0').waitFor()
    await leave(page)
  })

  test('answers that are markup are read as text, in the list and on the page of the pair', async () => {
    const page = await visit('#/pairs?candidate=small&sort=oldest')
    await page.locator('#pair-0').waitFor()
    await page.locator('#pair-0').getByText(payloads[0]!, { exact: true }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Answers' }).waitFor()

    const words = await page.locator('main').innerText()
    for (const payload of payloads) ok(words.includes(payload), payload)
    for (const text of Object.values(strange)) ok(words.includes(text), text)
    equal(await page.evaluate('window.owned'), undefined)
    equal(await page.locator('main script, main img, main iframe, main [onload], main [onerror]').count(), 0)
    equal(await page.locator('ins', { hasText: 'changed' }).count(), 1)
    deepEqual(await seriousIn(page), [])
    await leave(page)
  })

  test('an answer of a megabyte is shown by its beginning, and an exchange without texts says so', async () => {
    const long = await visit(`#/pairs/${exchangeId(15)}?candidate=small`)
    await long.getByRole('heading', { name: 'Answers' }).waitFor()
    await long
      .getByText(/characters more/)
      .first()
      .waitFor()
    ok((await long.locator('main').innerText()).length < 200_000)
    await leave(long)

    const gone = await visit(`#/pairs/${exchangeId(7)}?candidate=small`)
    await gone.getByRole('alert').waitFor()
    match(await gone.getByRole('alert').innerText(), /There is nothing here/)
    await leave(gone)
  })

  test('bytes that are no text, and texts that were erased, are told as such, and the rest of the pair stands', async () => {
    const bytes = await visit(`#/pairs/${exchangeId(30)}?candidate=small`)
    await bytes.getByText('The body is not text: it is kept, and not shown.').waitFor()
    await bytes.getByRole('region', { name: 'Served', exact: true }).getByText('There is no text').waitFor()
    await bytes.getByRole('region', { name: 'small', exact: true }).getByText('said too').waitFor()
    deepEqual(await seriousIn(bytes), [])
    await leave(bytes)

    const gone = await visit(`#/pairs/${exchangeId(45)}?candidate=small`)
    const served = gone.getByRole('region', { name: 'Served', exact: true })
    await served.getByText(/no longer kept.*erased, or older than retention\.bodiesDays/).waitFor()
    // The beginning is kept as long as the numbers are.
    await served.getByText('served number 45').waitFor()
    await gone.getByRole('row', { name: /value differs/ }).waitFor()
    equal(await gone.getByText('gone', { exact: true }).count(), 0)
    deepEqual(await seriousIn(gone), [])
    await leave(gone)
  })

  test('a store that takes long is told, and one that gives up says what to ask instead', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    page.setDefaultTimeout(patienceMs)
    const answered = Promise.withResolvers<void>()
    await page.route('**/api/v1/verdicts', async (route) => {
      await answered.promise
      await route.continue().catch(() => {})
    })
    const tooSlow = { error: { code: 'QUESTION_TOO_SLOW', message: 'ask for one route' } }
    await page.route('**/api/v1/comparisons?*sort=slowest*', (route) => route.fulfill({ status: 504, json: tooSlow }))
    await page.goto(`${open.url}/#/pairs?candidate=small`)
    await page.getByText('This takes longer than usual').waitFor()
    answered.resolve()
    await page.locator('#pair-0').waitFor()

    await page.getByLabel('Order').selectOption('slowest')
    const told = page.getByRole('alert')
    await told.getByText('ask for one route').waitFor()
    match(await told.innerText(), /That takes the store too long/)
    await page.getByLabel('Order').selectOption('newest')
    await page.locator('#pair-0').waitFor()
    equal(await told.count(), 0)
    await context.close()
  })

  test('two keys label a pair, blind; one takes it back, and a note goes along', async () => {
    const page = await visit('#/review?candidate=small')
    const pair = page.getByRole('article', { name: 'Pair to label' })
    await pair.waitFor()
    equal(await pair.getByRole('region', { name: /^Answer [12]$/ }).count(), 2)
    ok(!(await pair.innerText()).includes('small'), 'a blind pair does not say whose answer is whose')
    deepEqual(await seriousIn(page), [])

    await page.getByLabel('Note, kept with the next label').fill('reads well')
    await page.keyboard.press('Enter')
    await page.keyboard.press('f')
    await page.getByText('1 labelled just now').waitFor()
    await pair.getByText('fine', { exact: true }).waitFor()
    await page.keyboard.press('u')
    await page.getByText('1 labelled just now').waitFor({ state: 'hidden' })
    await page.keyboard.press('f')
    await page.getByText('1 labelled just now').waitFor()
    await page.keyboard.press('n')
    await page.getByText('2 labelled just now').waitFor()

    const said = await ask<{
      reviews: { label: string; note: string | null; blind: boolean; undoneAt: string | null }[]
    }>('/api/v1/reviews?candidate=small')
    deepEqual(
      said.reviews
        .map(({ label, note, undoneAt }) => `${label}, ${note}${undoneAt === null ? '' : ', undone'}`)
        .toSorted(),
      ['fine, null', 'fine, reads well, undone', 'not_fine, null'],
    )
    ok(said.reviews.every(({ blind }) => blind))
    await leave(page)
  })

  test('a waiver shows what it would cover before anybody keeps it', async () => {
    const page = await visit(`#/pairs/${exchangeId(0)}?candidate=small`)
    await page.getByRole('button', { name: 'Waive…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/pairs? of \d+/).waitFor()
    const narrow = await dialog.innerText()
    match(narrow, /The served model, asked again, never differs like this/)
    deepEqual(await seriousIn(page), [])
    await dialog.getByLabel('on route invoice only').uncheck()
    await dialog.getByText('64 pairs of 320').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await leave(page)
  })

  test('a set is frozen, shown, found whole, and handed out', async () => {
    const page = await visit('#/golden')
    await page.getByText('No set has been frozen yet').waitFor()
    await page.getByLabel('Name').fill('release-1')
    await page.getByLabel('Exchanges').fill('2')
    await page.getByLabel('Kept back, %').fill('0')
    deepEqual(await seriousIn(page), [])
    await page.getByRole('button', { name: 'Freeze' }).click()
    await page.getByText('as it was frozen').waitFor()
    const rows = page.locator('.golden-rows > li')
    equal(await rows.count(), 2)
    deepEqual(await seriousIn(page), [])
    const link = await page.getByRole('link', { name: 'promptfoo' }).getAttribute('href')
    const exported = await fetch(`${open.url}${link}`)
    equal(exported.status, 200)
    await leave(page)
  })

  test('whoever has no token signs in; a viewer sees numbers, no texts, and no controls of others', async () => {
    const page = await visit('', { url: closed.url })
    await page.getByLabel('Access token').fill('not-a-token')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    deepEqual(await seriousIn(page), [])
    await page.getByLabel('Access token').fill(tokenOf('vic'))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('article', { name: 'small' }).waitFor()
    match(await page.locator('.side-foot').innerText(), /vic · viewer/)

    await page.goto(`${closed.url}/#/pairs?candidate=small`)
    await page.locator('#pair-0').waitFor()
    ok((await page.locator('#pair-0').innerText()).includes('hidden'))
    await page.getByLabel('Search in the answers').fill('wrong')
    await page.getByText('You may not see or do this').waitFor()

    await page.goto(`${closed.url}/#/pairs/${exchangeId(0)}?candidate=small`)
    await page.getByText('The text is hidden: your role may not read texts').first().waitFor()
    equal(await page.getByRole('button', { name: 'Waive…' }).count(), 0)

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Access token').waitFor()
    await leave(page)
  })

  test('a viewer may read the review page, and neither keys nor buttons label anything', async () => {
    const page = await visit('#/review?candidate=small', { url: closed.url })
    await page.getByLabel('Access token').fill(tokenOf('vic'))
    await page.keyboard.press('Enter')
    await page.getByText('You may look, not label').waitFor()
    await page.getByText('The text is not for your eyes').first().waitFor()
    ok(await page.getByRole('button', { name: 'Fine f' }).isDisabled())
    const before = await ask<{ reviews: unknown[] }>('/api/v1/reviews?candidate=small')
    await page.keyboard.press('f')
    await page.keyboard.press('n')
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('article', { name: 'small' }).waitFor()
    deepEqual(await ask('/api/v1/reviews?candidate=small'), before)
    await leave(page)
  })

  test('a token that runs out while one labels leads back to the way in', async () => {
    const page = await visit('#/review?candidate=small', { url: closed.url })
    await page.getByLabel('Access token').fill(tokenOf('rex'))
    await page.keyboard.press('Enter')
    await page.getByRole('article', { name: 'Pair to label' }).waitFor()
    await page.context().clearCookies()
    await page.keyboard.press('f')
    await page.getByLabel('Access token').waitFor()
    await leave(page)
  })

  test('a session that ends while one looks leads back to the way in', async () => {
    const page = await visit('', { url: closed.url })
    await page.getByLabel('Access token').fill(tokenOf('rex'))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('article', { name: 'small' }).waitFor()
    await page.context().clearCookies()
    await page.getByRole('link', { name: 'Pairs' }).click()
    await page.getByLabel('Access token').waitFor()
    await leave(page)
  })

  test('a report that is gone is told, what was seen stays, and all is well when it is back', async () => {
    const page = await visit('#/pairs?candidate=small')
    await page.locator('#pair-0').waitFor()
    await page.context().setOffline(true)
    await page.getByLabel('Outcome').selectOption('different')
    await page.getByText('The report is out of reach').first().waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('article', { name: 'small' }).waitFor()
    await page.goBack()
    await page.getByText('The report is out of reach').first().waitFor()
    await page.context().setOffline(false)
    await page.getByRole('button', { name: 'Try again' }).first().click()
    await page.locator('#pair-0').waitFor()
    await leave(page)
  })

  const phone = { width: 390, height: 844 }
  const everyPage: [name: string, hash: string, isThere: (page: Page) => Promise<void>][] = [
    ['the overview', '', (page) => page.getByRole('article', { name: 'small' }).waitFor()],
    ['a candidate', '#/candidates/small', (page) => page.getByRole('heading', { name: 'Gates' }).waitFor()],
    ['the list of pairs', '#/pairs?candidate=small', (page) => page.locator('#pair-0').waitFor()],
    [
      'a pair',
      `#/pairs/${exchangeId(0)}?candidate=small`,
      (page) => page.getByRole('heading', { name: 'Answers' }).waitFor(),
    ],
    [
      'a pair without texts',
      `#/pairs/${exchangeId(45)}?candidate=small`,
      (page) => page.getByText('The request is no longer kept').waitFor(),
    ],
    ['review', '#/review?candidate=small', (page) => page.getByRole('button', { name: /^Fine/ }).waitFor()],
    ['golden sets', '#/golden', (page) => page.getByRole('button', { name: 'Freeze' }).waitFor()],
  ]
  for (const [name, hash, isThere] of everyPage)
    test(`${name}: read by day and by night, on a phone without scrolling sideways`, async () => {
      for (const options of [
        { colorScheme: 'light', viewport: phone },
        { colorScheme: 'dark', viewport: phone },
        { colorScheme: 'dark' },
      ] as const) {
        const page = await visit(hash, options)
        await isThere(page)
        deepEqual(await seriousIn(page), [])
        const [wide, window] = await page.evaluate<[number, number]>(
          '[document.documentElement.scrollWidth, innerWidth]',
        )
        ok(wide <= window, `${wide} of ${window} pixels, ${options.colorScheme}`)
        await leave(page)
      }
    })

  test('nothing is asked of anybody but the report', async () => {
    const asked: string[] = []
    const context = await browser.newContext()
    const page = await context.newPage()
    page.on('request', (request) => asked.push(request.url()))
    for (const hash of ['', '#/candidates/small', '#/pairs']) {
      await page.goto(`${open.url}/${hash}`)
      await page.locator('h1').waitFor({ timeout: patienceMs })
    }
    await context.close()
    deepEqual(
      asked.filter((url) => !url.startsWith(open.url) && !url.startsWith('data:')),
      [],
    )
  })

  test('no page has complained', () => deepEqual(complaints, []))
})

if (opened.reason !== null) test(`the dashboard is not tried: ${opened.reason}`, { skip: opened.reason }, () => {})
