import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A busy machine may take long for anything; nothing is waited for by the clock. */
export const patienceMs = 45_000

/** Somebody with a browser of their own, who notes down what pages complain about. */
export function createVisitor(browser: Browser, home: string) {
  const complaints: string[] = []
  return {
    complaints,
    visit: async (
      hash: string,
      { url = home, ...options }: BrowserContextOptions & { url?: string } = {},
    ): Promise<Page> => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
      const page = await context.newPage()
      page.setDefaultTimeout(patienceMs)
      page.on('pageerror', (err) => complaints.push(`${hash}: ${err.message.split('\n')[0]}`))
      page.on('console', (message) => {
        // What is refused or absent is told by the browser itself, and is part of these tests.
        if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
          complaints.push(`${hash}: ${message.text()}`)
      })
      await page.goto(`${url}/${hash}`)
      return page
    },
    leave: (page: Page): Promise<void> => page.context().close(),
  }
}

/** What keeps people out, by axe's rules: nothing serious and nothing critical may be left. */
export async function seriousIn(page: Page): Promise<string[]> {
  // By the debugger, as the page's own policy lets nobody put a script into it.
  await page.evaluate(axe)
  return await page.evaluate<string[]>(
    `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | ')))`,
  )
}
