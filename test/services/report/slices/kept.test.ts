import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { fastify } from 'fastify'
import { exitCodeOf } from '../../../../services/cli/gate.ts'
import { plainWords } from '../../../../services/report/facts/plain-words.ts'
import { formatCsv } from '../../../../services/report/format/csv.ts'
import { formatJunit } from '../../../../services/report/format/junit.ts'
import { configOf } from '../../../../services/report/plan/configs.ts'
import { planOf } from '../../../../services/report/plan/plan.ts'
import { registerRolloutGate } from '../../../../services/report/rollout-gate.ts'
import { unkept } from '../../../../services/report/slices/kept.ts'
import { type Verdict } from '../../../../shared/contracts/verdict.ts'
import { gates, traffic, verdictOn } from '../../../support/pair-rows.ts'
import { aReport } from '../../../support/report.ts'

const whole = verdictOn(traffic(3_000))
const partly: Verdict = {
  ...whole,
  verdict: 'go',
  except: [{ dimension: 'route', value: 'invoice', gates: ['quality'] }],
}

test('what a GO leaves out is settled once somebody says that each of it stays', () => {
  deepEqual(unkept(partly, []), partly.except)
  deepEqual(unkept(partly, ['route=support']), partly.except)
  deepEqual(unkept(partly, ['route=invoice', 'route=support']), [])
})

test('no machine takes a GO with an exception for a whole one', async () => {
  equal(exitCodeOf(partly), 5)
  equal(exitCodeOf(partly, ['route=invoice']), 0)
  match(formatJunit([partly]), /failures="1".*\n(.*\n)*.*name="route invoice".*\n.*<failure type="except"/)
  ok(formatCsv([partly]).split('\r\n')[1]!.endsWith(',route=invoice'))

  const app = fastify()
  registerRolloutGate(app, async () => [partly])
  const statusOf = async (query: string) =>
    (await app.inject({ method: 'POST', url: `/api/v1/candidates/subtle/gate${query}` })).statusCode
  equal(await statusOf(''), 409)
  equal(await statusOf('?keep=route=invoice'), 200)
  equal(await statusOf('?keep=route=invoice&keep=task=json'), 200)
  equal(await statusOf('?keep=route=support'), 409)
  await app.close()
})

test('the advice and the plan say what stays with the served model', () => {
  match(plainWords(partly, undefined)[0]!, /may replace .*, but keep .* on route invoice/)
  const { facts } = aReport()
  const config = configOf(planOf(partly, facts[0]!, gates()), 'litellm', 5)
  match(config, /# Route before this, to the served model alone: route invoice\./)
  ok(parse(config))
})
