import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { type Dialect } from '../../../shared/contracts/exchange.ts'
import { type Loss } from '../../../shared/contracts/observation.ts'
import { type JsonObject } from '../../../shared/dialects/dialect.ts'
import { isAssumption } from '../../../shared/dialects/parameter-names.ts'
import { translate } from '../../../shared/dialects/translate.ts'
import { refusalOf } from '../../support/strict/refusal.ts'
import { wireCaseKinds, wireCases } from '../../support/wire-cases.ts'
import { checkFact } from './facts.ts'

type Move = { from: Dialect; to: Dialect; target_model: string | null }
type Input = { request: JsonObject; headers?: Record<string, string>; api_version?: string }

const said = (loss: Loss) => `${loss.parameter} ${loss.kind} ${loss.severity}`

function translated({ from, to, target_model: model }: Move, { request, headers = {}, api_version: version }: Input) {
  const call = { body: JSON.stringify(request), headers }
  const apiVersion = version === undefined ? {} : { apiVersion: version }
  return translate(from, call, { dialect: to, model, system: null, parameters: {}, ...apiVersion })
}

test('every kind of case has its test', () => {
  const tested = ['sse_accumulation', 'response_normalisation', 'request_translation', 'usage_cost']
  deepEqual([...wireCaseKinds].toSorted(), tested.toSorted())
})

test('there are translation cases in every direction', () => {
  const moves = wireCases('request_translation').map(({ dialect }) => {
    const { from, to } = dialect as Move
    return `${from} to ${to}`
  })
  const dialects = ['openai-chat', 'openai-responses', 'anthropic-messages']
  for (const from of dialects) for (const to of dialects) ok(moves.includes(`${from} to ${to}`), `${from} to ${to}`)
  ok(moves.includes('openai-embeddings to openai-embeddings'))
})

for (const each of wireCases<Input>('request_translation')) {
  const move = each.dialect as Move

  test(`${each.name}: ${each.title}`, () => {
    const translation = translated(move, each.input)
    const isOurs = (loss: Loss) => isAssumption(loss, each.input.request)
    const record: Record<string, unknown> = translation.ok
      ? {
          body: translation.body,
          headers: translation.headers,
          reported_losses: translation.losses
            .filter((loss) => !isOurs(loss))
            .map(said)
            .toSorted(),
          reported_assumptions: translation.losses.filter(isOurs).map(said).toSorted(),
        }
      : { untranslatable: translation.reason }
    for (const fact of each.expect) checkFact(record, fact)
  })

  test(`${each.name}: what is sent would be accepted`, () => {
    const translation = translated(move, each.input)
    if (translation.ok) equal(refusalOf(move.to, translation.body, translation.headers), null)
    else ok(translation.detail.length > 0)
  })
}
