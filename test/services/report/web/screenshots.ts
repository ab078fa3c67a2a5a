// npm run screenshots -- [--url http://127.0.0.1:3400] [--out screenshots]: pictures of every page of a running dashboard, wide and
// narrow, by day and by night. Without --url it starts one over data of its own.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Browser } from 'playwright-core'
import { openEmbedded } from '../../../../shared/store/embedded.ts'
import { migrate } from '../../../../shared/store/migrations.ts'
import { openBrowser } from '../../../support/browser.ts'
import { builtWeb } from '../../../support/built-web.ts'
import { exchangeId, seedComparisons, seedExchange, startDashboard } from './stage.ts'

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

const opened = await openBrowser()
if (opened.browser === null || !(await builtWeb())) {
  console.error(opened.reason ?? 'the dashboard cannot be built: run npm ci with dev dependencies')
  process.exit(1)
}
const own = values.url === undefined ? await startOwn() : null
try {
  await takeAll(opened.browser, values.url ?? own!.url, own && exchangeId(0))
} finally {
  await opened.browser.close()
  await own?.stop()
}

async function startOwn(): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-pictures-'))
  const store = await openEmbedded(folder, 'embedded')
  await migrate(store)
  await seedComparisons(store, -300, 300)
  await seedExchange(store, 0)
  const dashboard = await startDashboard(store)
  return {
    url: dashboard.url,
    stop: async () => {
      await dashboard.stop()
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Line = { exchangeId: string }

/** `pair`: of which texts are kept; null: the worst. */
async function takeAll(browser: Browser, url: string, pair: string | null): Promise<void> {
  const get = async <T>(path: string) => (await (await fetch(`${url}${path}`)).json()) as T
  const { candidates } = await get<{ candidates: { name: string }[] }>('/api/v1/candidates')
  const candidate = (candidates[1] ?? candidates[0])!.name
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
  mkdirSync(values.out, { recursive: true })
  for (const [name, hash] of Object.entries(pages)) {
    if (!name.startsWith(values.only)) continue
    for (const viewport of sizes) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const context = await browser.newContext({ viewport, colorScheme })
        const page = await context.newPage()
        await page.goto(`${url}/${hash}`)
        await page.locator('h1').waitFor()
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
    }
  }
}
