import { type Dialect } from '../contracts/exchange.ts'
import { onlyInMessages } from './anthropic-messages/only-here.ts'
import { checkMessagesReplayable, readMessages } from './anthropic-messages/read.ts'
import { keepThinkingPossible } from './anthropic-messages/manual-thinking.ts'
import { keepValidThinking } from './anthropic-messages/thinking.ts'
import { chooseVersion } from './anthropic-messages/version.ts'
import { writeMessages } from './anthropic-messages/write.ts'
import { applyModelRules, thinksWithinLimit } from './apply-rules.ts'
import { type CanonicalRequest, createLosses, type Losses, Obstacle } from './canonical.ts'
import { type JsonObject, type Target, type Translation } from './dialect.ts'
import { field, isObject, isTooDeep, maxDepth, parseJson, word } from './json.ts'
import { mergePatch } from './merge-patch.ts'
import { losesNumbers } from './numbers.ts'
import { type OnlyHere, reportOthers } from './only-here.ts'
import { onlyInChat } from './openai-chat/only-here.ts'
import { checkChatReplayable, readChat } from './openai-chat/read.ts'
import { prepareChatReplay } from './openai-chat/replay.ts'
import { writeChat } from './openai-chat/write.ts'
import { checkContinuing, untranslatableCompletion } from './openai-completions/replay.ts'
import { checkSameSpace, onlyVectors } from './openai-embeddings/replay.ts'
import { onlyInResponses } from './openai-responses/only-here.ts'
import { readResponses } from './openai-responses/read.ts'
import { checkResponsesReplayable, prepareResponsesReplay, withoutHandles } from './openai-responses/replay.ts'
import { writeResponses } from './openai-responses/write.ts'
import { inRecordedWords, inWordsOf, isSettled, otherNames } from './parameter-names.ts'
import { fillTemplate, replaceSystem } from './system-prompt.ts'

/** A recorded call: `body` is its raw text, `headers` those that were kept, names in lower case. */
export type RecordedCall = { body: string | null; headers: Record<string, string> }

type Grammar = {
  checkReplayable(body: JsonObject): void
  /** The recorded body as far as it can be sent again in its own dialect. */
  edit?(body: JsonObject, target: Target, losses: Losses): JsonObject
  read(body: JsonObject, losses: Losses): CanonicalRequest
  write(request: CanonicalRequest, losses: Losses): JsonObject
  /** Parameters without counterpart elsewhere. */
  onlyHere: Map<string, OnlyHere>
  /** What every replay says, whoever asked. */
  prepare?(body: JsonObject, losses: Losses): JsonObject
}

const grammars: Record<Dialect, Grammar> = {
  'openai-chat': {
    checkReplayable: checkChatReplayable,
    read: readChat,
    write: writeChat,
    onlyHere: onlyInChat,
    prepare: prepareChatReplay,
  },
  'openai-responses': {
    checkReplayable: checkResponsesReplayable,
    edit: withoutHandles,
    read: readResponses,
    write: writeResponses,
    onlyHere: onlyInResponses,
    prepare: prepareResponsesReplay,
  },
  'openai-completions': {
    checkReplayable: () => {},
    edit: checkContinuing,
    read: untranslatableCompletion,
    write: untranslatableCompletion,
    onlyHere: new Map(),
    prepare: prepareChatReplay,
  },
  'openai-embeddings': {
    checkReplayable: () => {},
    edit: checkSameSpace,
    read: onlyVectors,
    write: onlyVectors,
    onlyHere: new Map(),
  },
  'anthropic-messages': {
    checkReplayable: checkMessagesReplayable,
    edit: keepValidThinking,
    read: readMessages,
    write: writeMessages,
    onlyHere: onlyInMessages,
    prepare: keepThinkingPossible,
  },
}

/**
 * What to send to an arm instead of the recorded call, and what could not be carried over. Within one dialect the body
 * stays as it is but for what the arm changes and its model refuses; between dialects it goes through the canonical
 * form. The operator's `parameters` are a JSON Merge Patch in the words of the target, applied last. Never throws.
 */
export function translate(from: Dialect, call: RecordedCall, target: Target): Translation {
  const body = call.body === null ? undefined : parseJson(call.body)
  if (!isObject(body)) return { ok: false, reason: 'body_not_json', detail: 'the recorded body is not a JSON object' }
  if (isTooDeep(body)) {
    return { ok: false, reason: 'untranslatable', detail: `the recorded body nests deeper than ${maxDepth} levels` }
  }
  try {
    const losses = createLosses()
    if (losesNumbers(call.body ?? '')) reportNumbers(losses)
    grammars[from].checkReplayable(body)
    return translateBody(from, body, call.headers, target, losses)
  } catch (err) {
    if (err instanceof Obstacle) return { ok: false, reason: err.reason, detail: err.message }
    throw err
  }
}

function reportNumbers(losses: Losses): void {
  losses.add({
    parameter: 'numbers',
    kind: 'clamped',
    severity: 'material',
    detail: 'a whole number above 2^53 was rounded',
  })
}

function translateBody(
  from: Dialect,
  recorded: JsonObject,
  recordedHeaders: Record<string, string>,
  target: Target,
  losses: Losses,
): Translation {
  const servedModel = word(field(recorded, 'model'))
  const model = target.model ?? servedModel
  const isSame = from === target.dialect && model === servedModel && keepsVersion(recordedHeaders, target)
  const carried = from === target.dialect ? edit(from, recorded, target, losses) : carry(from, recorded, target, losses)
  const named = model === null || model === field(carried, 'model') ? carried : { ...carried, model }
  const headers = headersFor(from, recordedHeaders, target, named)
  const context = {
    dialect: target.dialect,
    model: model ?? '',
    version: headers['anthropic-version'] ?? null,
    servedThinks: thinksWithinLimit(recorded),
  }
  const accepted = isSame ? named : applyModelRules(named, context, losses)
  const prepared = grammars[target.dialect].prepare?.(accepted, losses) ?? accepted
  const parameters = inWordsOf(target.dialect, target.parameters)
  return {
    ok: true,
    body: override(prepared, parameters),
    headers,
    losses: losses
      .list()
      .map((loss) => inRecordedWords(loss, recorded))
      .filter((loss) => !isSettled(loss, parameters)),
  }
}

function keepsVersion(recorded: Record<string, string>, { apiVersion }: Target): boolean {
  return apiVersion === undefined || apiVersion === recorded['anthropic-version']
}

function edit(dialect: Dialect, recorded: JsonObject, target: Target, losses: Losses): JsonObject {
  const body = grammars[dialect].edit?.(recorded, target, losses) ?? recorded
  return target.system === null ? body : replaceSystem[dialect](body, target.system)
}

function carry(from: Dialect, recorded: JsonObject, target: Target, losses: Losses): JsonObject {
  const request = grammars[from].read(recorded, losses)
  reportOthers(request, grammars[from].onlyHere, losses)
  const system = target.system === null ? request.system : [fillTemplate(target.system, request.system)]
  const model = target.model ?? request.model
  return grammars[target.dialect].write({ ...request, model, system: system.filter((each) => each !== '') }, losses)
}

function headersFor(
  from: Dialect,
  recorded: Record<string, string>,
  target: Target,
  body: JsonObject,
): Record<string, string> {
  if (target.dialect !== 'anthropic-messages') return {}
  const own = from === target.dialect ? recorded : {}
  const version = target.apiVersion ?? own['anthropic-version'] ?? chooseVersion(body)
  const beta = own['anthropic-beta']
  return { 'anthropic-version': version, ...(beta === undefined ? {} : { 'anthropic-beta': beta }) }
}

function override(body: JsonObject, parameters: JsonObject): JsonObject {
  if (Object.keys(parameters).length === 0) return body
  const replaced = new Set(otherNames(parameters))
  const free = Object.entries(body).filter(([name]) => !replaced.has(name))
  return mergePatch(Object.fromEntries(free), parameters)
}
