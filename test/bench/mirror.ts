import { parseArgs } from 'node:util'
import { type FinishedCopy } from '../../services/tap/capture.ts'
import { packCopies, unpackCopies } from '../../services/tap/mirror/packed-copy.ts'
import { createProcessor } from '../../services/tap/process.ts'
import { Config } from '../../shared/config/schema.ts'
import { uuidv7 } from '../../shared/ids.ts'
import { median } from './tap/statistics.ts'

const steps = ['pack', 'unpack', 'process', 'encode'] as const
type Step = (typeof steps)[number]

/**
 * What becomes of a copy of 1 kB each way, step by step, in one thread: handed over (`pack`, on the forwarding thread),
 * taken (`unpack`), read, redacted and written as a record (`process`), made bytes for the log (`encode`). Where the time
 * goes inside a step: `node --cpu-prof test/bench/run.ts mirror`.
 */
export async function bench(options: string[]): Promise<void> {
  const { values } = parseArgs({
    args: options,
    options: { rounds: { type: 'string', default: '7' }, copies: { type: 'string', default: '20000' } },
  })
  const process = createProcessor(config)
  const rounds: Record<Step, number>[] = []
  // The first round is the compilers'.
  for (let round = -1; round < Number(values.rounds); round += 1) {
    const tookUs = await measure(process, Number(values.copies))
    if (round >= 0) rounds.push(tookUs)
  }
  console.log('| step | µs a copy |\n|---|--:|')
  for (const step of steps) console.log(`| ${step} | ${median(rounds.map((round) => round[step])).toFixed(1)} |`)
}

const config = Config.parse({
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1' } } },
  providers: {},
  control: false,
  candidates: [{ name: 'none', provider: 'none', model: 'none' }],
})

/** As many as cross together. */
const batch = 8

async function measure(process: ReturnType<typeof createProcessor>, copies: number): Promise<Record<Step, number>> {
  const tookMs: Record<Step, number> = { pack: 0, unpack: 0, process: 0, encode: 0 }
  for (let done = 0; done < copies; done += batch) {
    const finished = Array.from({ length: batch }, copyOf)
    const startMs = performance.now()
    const packed = packCopies(finished)
    const packedMs = performance.now()
    const unpacked = unpackCopies(packed)
    const unpackedMs = performance.now()
    const records = []
    for (const copy of unpacked) records.push(await process(copy))
    const processedMs = performance.now()
    for (const record of records) {
      if (record.outcome !== 'captured') throw new Error(`the copy became ${record.outcome}`)
      Buffer.from(record.message)
    }
    const encodedMs = performance.now()
    tookMs.pack += packedMs - startMs
    tookMs.unpack += unpackedMs - packedMs
    tookMs.process += processedMs - unpackedMs
    tookMs.encode += encodedMs - processedMs
  }
  for (const step of steps) tookMs[step] = (tookMs[step] * 1_000) / copies
  return tookMs
}

const request = Buffer.from(
  JSON.stringify({
    model: 'gpt-4o',
    messages: [
      { role: 'system', content: 'You answer customers of a shop. Be brief, be kind, promise nothing.' },
      { role: 'user', content: 'Where is my parcel? '.repeat(40) },
    ],
  }),
)
const answer = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, message: { role: 'assistant', content: 'x'.repeat(700) }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 200, completion_tokens: 150, total_tokens: 350 },
  }),
)

function copyOf(): FinishedCopy {
  const body = (bytes: Buffer, atMs: number) => ({
    pieces: [{ atMs, bytes }],
    sizeBytes: bytes.length,
    truncated: false,
    sha256: null,
  })
  return {
    source: 'tap',
    exchangeId: uuidv7(),
    capturedAtMs: Date.now(),
    upstream: 'openai',
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { 'content-type': 'application/json' },
    plan: 'capture',
    request: body(request, 1),
    status: 200,
    answerHeaders: { 'content-type': 'application/json' },
    answer: body(answer, 5),
    end: 'complete',
    sentAtMs: 2,
    endedAtMs: 6,
    failure: null,
    heldBytes: request.length + answer.length,
  }
}
