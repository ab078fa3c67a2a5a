import { type Command, Option } from 'commander'
import { type Dialect } from '../../shared/contracts/exchange.ts'
import { type Loss } from '../../shared/contracts/observation.ts'
import { type Json, type JsonObject, type Target, type Translation } from '../../shared/dialects/dialect.ts'
import { translate } from '../../shared/dialects/dialects.ts'
import { field, isObject, parseJson, text, word } from '../../shared/dialects/json.ts'
import { isAssumption } from '../../shared/dialects/parameter-names.ts'
import { type RecordedCall } from '../../shared/dialects/translate.ts'
import { readJsonInput, usage } from './input-file.ts'
import { dialects, fileArgument, printJson, showCommand } from './read.ts'

/** `request` counts the calls of the file from 0. */
type Of<Part> = { request: number } & Part

export type TranslationReport = {
  requests: Of<{ headers: Record<string, string>; body: JsonObject }>[]
  losses: Of<Loss>[]
  /** What the recorded call does not say and is said now. */
  assumptions: Of<Loss>[]
  untranslatable: Of<{ reason: string; detail: string }>[]
}

type TranslateOptions = { from: Dialect; to: Dialect; model?: string; apiVersion?: string }

export function translateCommand(): Command {
  return showCommand('translate', 'show what a candidate would be sent instead of a recorded request, and what is lost')
    .addOption(new Option('--from <dialect>', 'what the request is written in').choices(dialects).makeOptionMandatory())
    .addOption(new Option('--to <dialect>', 'what the candidate understands').choices(dialects).makeOptionMandatory())
    .option('--model <id>', 'the candidate; default: the recorded model')
    .option('--api-version <version>', 'anthropic-version to ask under; default: the one that loses least')
    .addArgument(fileArgument('a request body, a call {"headers": …, "body": …}, or a list of either'))
    .action(async (file: string, options: TranslateOptions) => {
      const target = targetOf(options)
      const { text: source, value } = await readJsonInput(file)
      const calls = Array.isArray(value)
        ? value.map((each) => callOf(each, JSON.stringify(each)))
        : [callOf(value, source)]
      printJson(reportTranslations(options.from, calls, target))
    })
}

function targetOf({ from, to, model, apiVersion }: TranslateOptions): Target {
  if (model === undefined && from !== to) throw usage(`--model is missing: which model of ${to} is to be asked?`)
  if (apiVersion !== undefined && to !== 'anthropic-messages') {
    throw usage(`--api-version is for --to anthropic-messages: ${to} has no versions`)
  }
  if (apiVersion !== undefined && !/^\d{4}-\d\d-\d\d$/.test(apiVersion)) {
    throw usage(`--api-version "${apiVersion}" is no version: write one such as 2023-06-01`)
  }
  const version = apiVersion === undefined ? {} : { apiVersion }
  return { dialect: to, model: model ?? null, system: null, parameters: {}, ...version }
}

/** A bare body, or a body with the headers it was sent with. */
function callOf(value: Json, source: string): RecordedCall {
  const body = field(value, 'body')
  const headers = field(value, 'headers')
  if (!isObject(body) || !isObject(headers)) return { body: source, headers: {} }
  const named = Object.entries(headers).map(([name, said]): [string, string] => [name.toLowerCase(), text(said) ?? ''])
  return { body: JSON.stringify(body), headers: Object.fromEntries(named) }
}

export function reportTranslations(from: Dialect, calls: RecordedCall[], target: Target): TranslationReport {
  const report: TranslationReport = { requests: [], losses: [], assumptions: [], untranslatable: [] }
  for (const [request, call] of calls.entries()) {
    const translation = translate(from, call, target)
    if (translation.ok) addTranslation(report, request, call, translation, target)
    else report.untranslatable.push({ request, reason: translation.reason, detail: translation.detail })
  }
  return report
}

function addTranslation(
  report: TranslationReport,
  request: number,
  call: RecordedCall,
  { headers, body, losses }: Extract<Translation, { ok: true }>,
  target: Target,
): void {
  const recorded = parseJson(call.body ?? '') as JsonObject
  report.requests.push({ request, headers, body })
  for (const loss of losses) {
    const list = isAssumption(loss, recorded) ? report.assumptions : report.losses
    list.push({ request, ...loss })
  }
  report.assumptions.push(...unasked(call, headers, recorded, body, target).map((each) => ({ request, ...each })))
}

/** What a replay says of its own, whoever asked. */
function unasked(
  call: RecordedCall,
  headers: Record<string, string>,
  recorded: JsonObject,
  body: JsonObject,
  { apiVersion }: Target,
): Loss[] {
  const version = word(headers['anthropic-version'])
  const isOurs = version !== null && apiVersion === undefined && version !== call.headers['anthropic-version']
  const added = ['store', 'stream_options'].filter((name) => field(body, name) !== undefined && !(name in recorded))
  const why = new Map([
    ['store', 'a replay is not kept by the provider'],
    ['stream_options', 'a replay always asks for its usage'],
  ])
  const assumed = added.map((name): [string, string] => [name, why.get(name)!])
  if (isOurs) assumed.push(['anthropic-version', `${version} is chosen: the version under which least is lost`])
  return assumed.map(([parameter, detail]) => ({ parameter, kind: 'emulated', severity: 'minor', detail }))
}
