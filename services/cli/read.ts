import { Argument, Command, Option } from 'commander'
import { type Dialect } from '../../shared/contracts/exchange.ts'
import { describeAnswer, type DescribedAnswer } from '../../shared/dialects/describe-answer.ts'
import { createAccumulator } from '../../shared/dialects/dialects.ts'
import { readInput, usage } from './input-file.ts'

/** The dialects of the commands that show what is made of one recorded call. */
export const dialects = ['openai-chat', 'openai-responses', 'openai-embeddings', 'anthropic-messages'] as const

/** `-`: standard input. */
export function fileArgument(what: string): Argument {
  return new Argument('[file]', `${what}; - or none is standard input`).default('-')
}

/** A command that reads one file, needs no config, and prints one JSON document. */
export function showCommand(name: string, description: string): Command {
  return new Command(name).description(description).option('--json', 'machine-readable output, as always here')
}

export function printJson(data: unknown): void {
  process.stdout.write(`${JSON.stringify(data, null, 2)}\n`)
}

export function readAnswerBytes(dialect: Dialect, status: number, bytes: Uint8Array): DescribedAnswer {
  const accumulator = createAccumulator(dialect, { status, contentType: null })
  accumulator.push(bytes)
  return describeAnswer(accumulator.end(), accumulator.details(), status)
}

export function readCommand(): Command {
  return showCommand('read', 'show what is read of one recorded answer: a body or an SSE stream')
    .addOption(new Option('--dialect <name>', 'the wire dialect').choices(dialects).makeOptionMandatory())
    .option('--status <n>', 'the HTTP status it came with', '200')
    .addArgument(fileArgument('the answer as the provider sent it'))
    .action(async (file: string, options: { dialect: Dialect; status: string }) => {
      printJson(readAnswerBytes(options.dialect, statusOf(options.status), await readInput(file)))
    })
}

function statusOf(text: string): number {
  if (/^[1-5]\d\d$/.test(text)) return Number(text)
  throw usage(`--status "${text}" is no HTTP status: write one such as 200 or 400`)
}
