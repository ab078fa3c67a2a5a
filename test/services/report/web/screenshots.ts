// npm run screenshots -- [--url http://127.0.0.1:3400] [--out screenshots]: pictures of every page of a running dashboard, wide and
// narrow, by day and by night. Without --url it starts one over data of its own, and also takes what is seldom seen: nothing there yet, the way in,
// texts that are long, gone or not for the one who looks, and errors. --only takes those whose names begin so.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Browser } from 'playwright-core'
import { openEmbedded } from '../../../../shared/store/embedded.ts'
import { migrate } from '../../../../shared/store/migrations.ts'
import { openBrowser } from '../../../support/browser.ts'
import { builtWeb } from '../../../support/built-web.ts'
import { exchangeId, seedComparisons, seedExchange, startDashboard, tokenOf } from './stage.ts'

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    out: { type: 'string', default: 'screenshots' },
    only: { type: 'string', default: '' },
  },
})

const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
]
const schemes = ['light', 'dark'] as const

const opened = await openBrowser()
if (opened.browser === null || !(await builtWeb())) {
  console.error(opened.reason ?? 'the dashboard cannot be built: run npm ci with dev dependencies')
  process.exit(1)
}
const own = values.url === undefined ? await startOwn(opened.browser) : null
try {
  const url = values.url ?? own!.url
  await takeAll(opened.browser, [...(await usual(url, own && exchangeId(0))), ...(own?.seldom ?? [])])
} finally {
  await opened.browser.close()
  await own?.stop()
}

type Shot = {
  name: string
  url: string
  hash: string
  /** Signed in with this token. */
  token?: string
}

async function startOwn(browser: Browser): Promise<{ url: string; seldom: Shot[]; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-pictures-'))
  const store = await openEmbedded(folder, 'embedded')
  await migrate(store)
  const empty = await startDashboard(store)
  await takeAll(browser, [{ name: 'empty', url: empty.url, hash: '' }])
  await empty.stop()
  await seedComparisons(store, -300, 300)
  await seedExchange(store, 0)
  await seedExchange(store, 15, 'A long answer. '.repeat(70_000), 'short')
  await seedExchange(store, 45, 'gone', 'gone too', 'numbers')
  const [dashboard, closed] = [await startDashboard(store), await startDashboard(store, 'tokens')]
  const pair = (number: number) => `#/pairs/${exchangeId(number)}?candidate=small`
  return {
    url: dashboard.url,
    seldom: [
      { name: 'long', url: dashboard.url, hash: pair(15) },
      { name: 'erased', url: dashboard.url, hash: pair(45) },
      { name: 'unknown', url: dashboard.url, hash: pair(1_000) },
      { name: 'none', url: dashboard.url, hash: '#/pairs?candidate=small&q=nowhere' },
      { name: 'sign-in', url: closed.url, hash: '' },
      { name: 'viewer', url: closed.url, hash: pair(0), token: tokenOf('vic') },
    ],
    stop: async () => {
      await dashboard.stop()
      await closed.stop()
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Line = { exchangeId: string }

/** Every page. `pair`: of which texts are kept; null: the worst. */
async function usual(url: string, pair: string | null): Promise<Shot[]> {
  const get = async <T>(path: string) => (await (await fetch(`${url}${path}`)).json()) as T
  const { candidates } = await get<{ candidates: { name: string }[] }>('/api/v1/candidates')
  const candidate = candidates[0]!.name
  const { comparisons } = await get<{ comparisons: Line[] }>(
    `/api/v1/comparisons?candidate=${candidate}&sort=worst&limit=1`,
  )
  const { sets } = await get<{ sets: { name: string }[] }>('/api/v1/golden')
  const pages = {
    overview: '',
    candidate: `#/candidates/${candidate}`,
    pairs: `#/pairs?candidate=${candidate}`,
    pair: `#/pairs/${pair ?? comparisons[0]?.exchangeId}?candidate=${candidate}`,
    review: `#/review?candidate=${candidate}`,
    golden: '#/golden',
    ...(sets[0] && { 'golden-set': `#/golden/${sets[0].name}` }),
  }
  return Object.entries(pages).map(([name, hash]) => ({ name, url, hash }))
}

async function takeAll(browser: Browser, shots: readonly Shot[]): Promise<void> {
  mkdirSync(values.out, { recursive: true })
  for (const shot of shots) {
    if (!shot.name.startsWith(values.only)) continue
    for (const viewport of sizes) for (const colorScheme of schemes) await take(browser, shot, viewport, colorScheme)
  }
}

async function take(
  browser: Browser,
  { name, url, hash, token }: Shot,
  viewport: { width: number; height: number },
  colorScheme: (typeof schemes)[number],
): Promise<void> {
  const context = await browser.newContext({ viewport, colorScheme })
  const page = await context.newPage()
  await page.goto(`${url}/${hash}`)
  if (token !== undefined) {
    await page.getByLabel('Access token').fill(token)
    await page.keyboard.press('Enter')
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  }
  await page.locator('h1, .notice').first().waitFor()
  await page.waitForLoadState('networkidle').catch(() => {})
  // Drawings begin when they come near the window.
  await page.evaluate(`(async () => {
    for (let y = 0; y < document.documentElement.scrollHeight; y += 600) {
      window.scrollTo(0, y)
      await new Promise((done) => setTimeout(done, 120))
    }
    window.scrollTo(0, 0)
    await new Promise((done) => setTimeout(done, 600))
  })()`)
  const file = join(values.out, `${name}-${viewport.width}-${colorScheme}.png`)
  await page.screenshot({ path: file, fullPage: true })
  await context.close()
  console.log(file)
}
