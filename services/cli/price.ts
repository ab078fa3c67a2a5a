import { type Command } from 'commander'
import { Usage } from '../../shared/contracts/answer.ts'
import { normalUsage, noUsage, overwriteUsage } from '../../shared/dialects/anthropic-messages/usage.ts'
import { type Json } from '../../shared/dialects/dialect.ts'
import { unknownUsage } from '../../shared/dialects/draft-answer.ts'
import { count, field, isObject, word } from '../../shared/dialects/json.ts'
import { readUsage } from '../../shared/dialects/openai-chat/usage.ts'
import { readResponsesUsage } from '../../shared/dialects/openai-responses/usage.ts'
import { openPriceBook } from '../../shared/pricing/open.ts'
import { fileArgument, printJson, showCommand } from './read.ts'
import { readJsonInput, usage } from './input-file.ts'

type PriceOptions = { model?: string; at?: string; serviceTier?: string; prices: string }

export function priceCommand(): Command {
  return showCommand('price', 'show what a call cost, or why it has no price')
    .option('--model <id>', 'the model that answered; default: the one the file names')
    .option('--at <date>', 'the day of the call, UTC; default: today')
    .option('--service-tier <tier>', 'the service tier of the answer; default: the one the file names')
    .option('--prices <file>', 'a price file instead of the built-in table', 'builtin')
    .addArgument(fileArgument('a usage block, or an answer that holds one'))
    .action(async (file: string, options: PriceOptions) => {
      const { value } = await readJsonInput(file)
      const model = options.model ?? word(field(value, 'model'))
      if (model === null) throw usage('the file names no model: give it with --model')
      const block = field(value, 'usage') ?? value
      const read = usageIn(block)
      const tier = options.serviceTier ?? word(field(value, 'service_tier')) ?? word(field(block, 'service_tier'))
      const at = dayOf(options.at)
      const cost = openPriceBook(options.prices).explain({ model, usage: read, at, serviceTier: tier })
      printJson({ model, at: at.toISOString(), serviceTier: tier, usage: read, ...cost })
    })
}

function dayOf(text: string | undefined): Date {
  const at = text === undefined ? new Date() : new Date(text)
  if (!Number.isNaN(at.getTime())) return at
  throw usage(`--at "${text}" is no date: write one such as 2026-11-20`)
}

/** A usage block of any dialect, of a record of ours, or of what `read` prints. */
export function usageIn(block: Json): Usage {
  if (!isObject(block)) throw usage('the file holds no usage block: give {"input_tokens": …} or an answer with "usage"')
  if (count(block['inputTokens']) !== null) return recordedUsage(block)
  if (count(block['prompt_tokens']) !== null) return readUsage(block)
  if (count(block['inputTotal']) !== null) return describedUsage(block)
  if (count(block['input_tokens']) === null) {
    throw usage('the usage block counts no input tokens: it needs prompt_tokens, input_tokens or inputTokens')
  }
  // Both count `input_tokens`; only Responses have the total, and only they count the cache within it.
  const isResponses = isObject(block['input_tokens_details']) || count(block['total_tokens']) !== null
  return isResponses ? readResponsesUsage(block) : normalUsage(overwriteUsage(noUsage, block))
}

function recordedUsage(block: Json): Usage {
  const read = Usage.safeParse({ ...unknownUsage, ...(isObject(block) ? block : {}) })
  return read.success ? read.data : usageFailed(read.error.issues[0]?.path.join('.') ?? 'a count')
}

function usageFailed(name: string): never {
  throw usage(`${name} is no number of tokens: write a whole number, or null where it is unknown`)
}

function describedUsage(block: Json): Usage {
  return {
    inputTokens: count(field(block, 'inputTotal')),
    cachedInputTokens: count(field(block, 'cacheRead')),
    cacheWriteInputTokens: count(field(block, 'cacheWrite')),
    cacheWriteLongInputTokens: count(field(block, 'cacheWrite1h')),
    outputTokens: count(field(block, 'outputTotal')),
    reasoningTokens: count(field(block, 'reasoning')),
  }
}
