// npm run bench -- dashboard: how long somebody waits in a browser, and whether 5,000 rows scroll, over many comparisons.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Browser, type Page } from 'playwright-core'
import { settleLedger } from '../../services/record/settle-ledger.ts'
import { startReport } from '../../services/report/main.ts'
import { createReportSource } from '../../services/report/source.ts'
import { silentLogger as logger } from '../../shared/logger.ts'
import { openEmbedded } from '../../shared/store/embedded.ts'
import { migrate } from '../../shared/store/migrations.ts'
import { type Store } from '../../shared/store/store.ts'
import { openBrowser } from '../support/browser.ts'
import { builtWeb } from '../support/built-web.ts'
import { median } from './compare/measure.ts'
import { scroll, type Scrolled } from './dashboard/scroll.ts'
import { config, writeComparisons } from './questions.ts'

const rounds = 5
const goals = { usefulMs: 1_000, ledgerCpuMs: 100, filterMs: 500, frameMs: 20, longTasks: 0, frameCpuMs: 16 }
/** More come without their texts, and are not scrolled through: to write those would take hours. */
const mostWithTexts = 1_000_000
/** As many as somebody may scroll through. */
const scrolledRows = 5_000

/**
 * Prints medians with their goals, on this machine's clock: whatever else it does is in them. The exit code is 1 where one is missed.
 * `--rows` takes several sizes: 200000,1000000. `--store` keeps what was written in a folder, and measures what is there already:
 * to add up ten million comparisons for the first time takes half an hour.
 */
export async function bench(options: string[]): Promise<void> {
  const { values } = parseArgs({
    args: options,
    options: { rows: { type: 'string', default: '200000' }, store: { type: 'string' } },
  })
  const { browser, reason } = await openBrowser()
  if (browser === null || !(await builtWeb())) throw new Error(reason ?? 'the dashboard cannot be built: run npm ci')
  try {
    for (const rows of values.rows.split(',').map(Number)) await at(rows, browser, values.store)
  } finally {
    await browser.close()
  }
}

async function at(rows: number, browser: Browser, kept?: string): Promise<void> {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'understudy-bench-'))
  const store = await openEmbedded(folder, 'embedded')
  try {
    await migrate(store)
    const [there] = await store.query<{ rows: number }>('SELECT toFloat64(count()) AS rows FROM comparisons')
    if (there!.rows === 0) await writeComparisons(store, rows, { hasTexts: rows <= mostWithTexts })
    console.log(`${there!.rows || rows} comparisons`)
    await ledger(store)
    await overview(store, browser)
    if (rows <= mostWithTexts) await pairs(store, browser)
  } finally {
    await store.close()
    if (kept === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

/** Processor time of process and engine. */
async function ledger(store: Store): Promise<void> {
  const cpuMs = async (work: () => Promise<unknown>) => {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000
  }
  const ask = () => createReportSource(store).ledger()
  await store.command('TRUNCATE TABLE ledger_hours')
  told('ledger from rows, ms of CPU', await cpuMs(ask))
  // As record does it along the way.
  told('its hours added up, ms of CPU', await cpuMs(() => settleLedger(store, new Date())))
  const asked: number[] = []
  for (let round = 0; round < 2 * rounds; round += 1) asked.push(await cpuMs(ask))
  told('ledger from hours, ms of CPU', median(asked), goals.ledgerCpuMs)
}

const unused = () => Promise.reject(new Error('nobody asks for it here'))
const start = (store: Store) =>
  startReport({ config, store, logger, intake: { take: unused }, arms: { list: unused, setPaused: unused } })

async function open(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  page.setDefaultTimeout(3_600_000)
  await page.goto(url)
  return page
}

/** From the beginning of the navigation until the verdict can be read. */
async function overview(store: Store, browser: Browser): Promise<void> {
  const usefulMs = async (url: string): Promise<number> => {
    const page = await open(browser, url)
    await page.getByRole('article', { name: 'a', exact: true }).waitFor()
    const ms = await page.evaluate<number>('performance.now()')
    await page.context().close()
    return ms
  }
  let report = await start(store)
  told('overview, nothing was added up before', await usefulMs(report.url))
  const [restarted, remembered]: number[][] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    await report.stop()
    report = await start(store)
    restarted!.push(await usefulMs(report.url))
    remembered!.push(await usefulMs(report.url))
  }
  await report.stop()
  told('overview, of a report that has just been started', median(restarted!), goals.usefulMs)
  told('overview, while the report remembers it', median(remembered!), goals.usefulMs)
}

async function pairs(store: Store, browser: Browser): Promise<void> {
  const report = await start(store)
  const page = await open(browser, `${report.url}/#/pairs?candidate=a&sort=newest`)
  await page.locator('#pair-0').waitFor()
  for (const [name, pixels] of speeds) tellScrolling(name, await scroll(page, scrolledRows, pixels))
  for (const [name, act] of filters) {
    const waited: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      // What was seen before is remembered: a page that was loaded anew remembers nothing.
      await page.goto('about:blank')
      await page.goto(`${report.url}/#/pairs?candidate=a&sort=newest`)
      await page.locator('#pair-0').waitFor()
      waited.push(await waitedMs(page, act))
    }
    told(name, median(waited), goals.filterMs)
  }
  await page.context().close()
  await report.stop()
}

const choose = (label: string, value: string) => (page: Page) => page.getByLabel(label).selectOption(value)
const filters: [name: string, act: (page: Page) => Promise<unknown>][] = [
  ['filter: an outcome is chosen', choose('Outcome', 'different')],
  ['filter: a route is chosen', choose('Route', 'route-3')],
  ['filter: a divergence is typed', (page) => page.getByLabel('Divergence from').press('1')],
  ['order: slowest first', choose('Order', 'slowest')],
  [
    'route, outcome and divergence, slowest first, by a link',
    (page) =>
      page.evaluate(
        `location.hash = '#/pairs?candidate=a&route=route-3&outcome=different&minDivergence=0.1&sort=slowest'`,
      ),
  ],
  ['search: a word of every answer', (page) => page.getByLabel('Search in the answers').fill('word1')],
]

/** From the first event of `act` in the page until rows are drawn again. */
async function waitedMs(page: Page, act: (page: Page) => Promise<unknown>): Promise<number> {
  await page.evaluate(`window.waited = new Promise((resolve) => {
    let startedAt = 0
    for (const type of ['keydown', 'input', 'change', 'hashchange'])
      addEventListener(type, () => (startedAt ||= performance.now()), { capture: true, once: true })
    let isGone = false
    const look = () => {
      const isThere = document.getElementById('pair-0') !== null || document.querySelector('.pair-list .none') !== null
      if (!isThere) isGone = true
      if (isGone && isThere) requestAnimationFrame(() => resolve(performance.now() - startedAt))
      else requestAnimationFrame(look)
    }
    look()
  }); undefined`)
  await act(page)
  return await page.evaluate<number>('window.waited')
}

/**
 * A frame is 1/60 s. Nothing that people do is faster than a dragged bar: a flick ends at 8,000 pixels a second (the most that Android takes), PageDown
 * held is 7/8 of the list 30 times a second. The fastest comes first, so that its rows are fetched on the way.
 */
const speeds: [name: string, pixelsPerFrame: number][] = [
  ['24,000 px/s, fetched on the way', 400],
  ['24,000 px/s, all there', 400],
  ['16,000 px/s, PageDown held', 267],
  ['8,000 px/s, a flick', 133],
  ['310,000 px/s, the bar is dragged', 5_167],
]

function tellScrolling(name: string, { frames, tasks }: Scrolled): void {
  const sorted = frames.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!
  const words = `${frames.length} frames: p50 ${at(0.5).toFixed(0)}, longest ${at(1).toFixed(0)} ms; ${frames.filter((ms) => ms > goals.frameMs).length} over ${goals.frameMs} ms`
  told(`${name}: frame p95`, at(0.95), goals.frameMs, words)
  const cpuMs = tasks.reduce((sum, task) => sum + task.cpuMs, 0) / frames.length
  told(`${name}: the page's thread, CPU a frame`, cpuMs, goals.frameCpuMs)
  const long = tasks.filter(({ wallMs }) => wallMs > 50)
  const spent = long.map(({ wallMs, cpuMs }) => `${wallMs.toFixed(0)} (${cpuMs.toFixed(0)})`).join(' ')
  told(
    `${name}: tasks over 50 ms, of this machine's clock`,
    long.length,
    undefined,
    long.length === 0 ? '' : `${spent} ms (of it CPU)`,
  )
  told(`${name}: tasks over 50 ms, of CPU`, tasks.filter(({ cpuMs }) => cpuMs > 50).length, goals.longTasks)
}

function told(name: string, value: number, most?: number, words = ''): void {
  const isMet = most === undefined || value <= most
  if (!isMet) process.exitCode = 1
  const goal = most === undefined ? '' : `goal <= ${most}: ${isMet ? 'met' : 'MISSED'}`
  console.log(`${name.padEnd(72)}${value.toFixed(0).padStart(8)}   ${goal.padEnd(24)}${words}`)
}
