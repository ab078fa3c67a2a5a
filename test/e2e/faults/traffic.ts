import { setTimeout as sleep } from 'node:timers/promises'

/** An answer that a client got whole, told by the number in its question. */
export type Answered = { number: number; atMs: number }
export type Traffic = {
  answered: Answered[]
  /** Resolves when a few more have been answered. */
  goOn(): Promise<void>
  /** Resolves when nothing is in flight any more. */
  stop(): Promise<void>
}

/** A few clients that ask over and over, on two routes, and do not mind that nobody answers. */
export function startTraffic(url: string): Traffic {
  const answered: Answered[] = []
  let number = 0
  const over = new AbortController()

  async function ask(): Promise<void> {
    const mine = number++
    try {
      const response = await fetch(`${url}/openai/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-understudy-route': mine % 3 === 0 ? 'rare' : 'usual' },
        body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: `Which colour has ${mine}?` }] }),
        signal: AbortSignal.timeout(10_000),
      })
      await response.text()
      if (response.ok) answered.push({ number: mine, atMs: performance.now() })
    } catch {
      // The tap is away.
    }
  }

  async function askOn(): Promise<void> {
    while (!over.signal.aborted) {
      await ask()
      await sleep(20 + Math.random() * 80)
    }
  }

  const clients = Promise.all([askOn(), askOn()])
  return {
    answered,
    async goOn() {
      const enough = answered.length + 20
      while (answered.length < enough) await sleep(20)
    },
    async stop() {
      over.abort()
      await clients
    },
  }
}
