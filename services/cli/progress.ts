import { type Writable } from 'node:stream'
import { Presets, SingleBar } from 'cli-progress'

export type Progress = { update(done: number): void; finish(): void }

/** A bar where a person waits at a terminal; elsewhere a plain line every tenth of the way. */
export function startProgress(
  label: string,
  total: number,
  stream: Writable & { isTTY?: boolean } = process.stderr,
): Progress {
  return stream.isTTY === true ? bar(label, total, stream) : lines(label, total, stream)
}

function bar(label: string, total: number, stream: Writable): Progress {
  const format = `  ${label.padEnd(34)} {bar} {value}/{total}  {duration_formatted}`
  // The terminal's own settings stay as they are: after Ctrl-C nobody would put them back.
  const single = new SingleBar({ format, stream, hideCursor: false, linewrap: true }, Presets.shades_classic)
  single.start(total, 0)
  return {
    update: (done) => single.update(done),
    finish: () => single.stop(),
  }
}

function lines(label: string, total: number, stream: Writable): Progress {
  let tenths = 0
  const update = (done: number): void => {
    const reached = total === 0 ? 10 : Math.floor((done * 10) / total)
    if (reached <= tenths) return
    tenths = reached
    stream.write(`  ${label}: ${done}/${total}\n`)
  }
  return { update, finish: () => {} }
}
