import { type Browser, chromium } from 'playwright-core'

/** A browser, or the reason why there is none on this machine. */
export type Opened = { browser: Browser; reason: null } | { browser: null; reason: string }

/** Starts Chromium without any sandbox or traffic of its own: pages under test are ours, on the loopback. */
export async function openBrowser(): Promise<Opened> {
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    const browser = await chromium.launch({
      executablePath: await packed.executablePath(),
      args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
      headless: true,
      timeout: 60_000,
    })
    return { browser, reason: null }
  } catch (err) {
    return { browser: null, reason: `Chromium cannot start here: ${(err as Error).message.split('\n')[0]}` }
  }
}
