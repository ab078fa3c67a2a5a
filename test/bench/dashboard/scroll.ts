import { type Page } from 'playwright-core'

/** A piece of work of the page's thread: how long it took, and how much of that the thread had a processor. */
export type Task = { wallMs: number; cpuMs: number }
export type Scrolled = { /** From one frame to the next, in ms. */ frames: number[]; tasks: Task[] }

/** Scrolls the list of pairs from its top through `rows`, so many pixels a frame, and waits for rows where they are not there yet. */
export async function scroll(page: Page, rows: number, pixelsPerFrame: number): Promise<Scrolled> {
  const tracing = await traceTasks(page)
  const frames = await page.evaluate<number[]>(`new Promise((resolve) => {
    const box = document.querySelector('.pair-grid')
    const frames = []
    box.scrollTop = 0
    let last = performance.now()
    let place = 0
    const frame = (now) => {
      frames.push(now - last)
      last = now
      place = Math.min(place + ${pixelsPerFrame}, box.scrollHeight - box.clientHeight)
      box.scrollTop = place
      if (place < ${rows} * 62 - box.clientHeight) return requestAnimationFrame(frame)
      resolve(frames.slice(1))
    }
    requestAnimationFrame(frame)
  })`)
  return { frames, tasks: await tracing.stop() }
}

type Event = {
  name: string
  ph: string
  pid: number
  tid: number
  dur?: number
  tdur?: number
  args: { name?: string }
}

/** Of the thread named CrRendererMain that did most: a browser keeps another page ready. */
async function traceTasks(page: Page): Promise<{ stop: () => Promise<Task[]> }> {
  const session = await page.context().browser()!.newBrowserCDPSession()
  const events: Event[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as Event[])))
  const traceConfig = { includedCategories: ['toplevel'], excludedCategories: ['*'] }
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig })
  return {
    stop: async () => {
      const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
      await session.send('Tracing.end')
      await complete
      await session.detach()
      const mains = events
        .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
        .map((main) => events.filter((event) => isTask(event) && event.pid === main.pid && event.tid === main.tid))
      const [busiest = []] = mains.toSorted((a, b) => b.length - a.length)
      return busiest.map(({ dur = 0, tdur = 0 }) => ({ wallMs: dur / 1_000, cpuMs: tdur / 1_000 }))
    },
  }
}

const isTask = ({ name, ph }: Event) => ph === 'X' && name === 'ThreadControllerImpl::RunTask'
