import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { configNames, configOf } from '../../../../services/report/plan/configs.ts'
import { planOf } from '../../../../services/report/plan/plan.ts'
import { planSectionsOf } from '../../../../services/report/plan/sections.ts'
import { binomialCdf } from '../../../../shared/statistics/binomial.ts'
import { gates, traffic, verdictOn } from '../../../support/pair-rows.ts'
import { aFacts, storedFacts } from '../../../support/report.ts'

const go = verdictOn(traffic(3_000))
const plan = planOf(go, aFacts(), gates())
const noGo = planOf(verdictOn(traffic(2_000, { quality: 0.88 })), aFacts(), gates())
const words = (of: typeof plan) =>
  planSectionsOf(of)
    .flatMap(({ sentences }) => sentences)
    .join(' ')

test('the stages are 1, 5, 25, 50 and 100 %, and each keeps its level and has its power', () => {
  deepEqual(
    plan.stages.map(({ percent }) => percent),
    [1, 5, 25, 50, 100],
  )
  for (const { requests, mostFailures, regression } of plan.stages) {
    // More failures than that by chance: at most alpha; where the rate has risen so far: with the power at least.
    ok(1 - binomialCdf(mostFailures, requests, plan.expectedErrorRate) <= plan.alpha)
    ok(1 - binomialCdf(mostFailures, requests, plan.expectedErrorRate + regression) >= plan.power)
  }
})

test('small stages look for gross faults, from a quarter of the traffic on for the margin itself', () => {
  const rises = plan.stages.map(({ regression }) => Number(regression.toFixed(4)))

  deepEqual(rises, [0.05, 0.02, 0.01, 0.01, 0.01])
  ok(plan.stages[0]!.requests < plan.stages[1]!.requests)
})

test('a stage lasts until its requests have come, and never less than its shortest time', () => {
  // 5,000 requests a day.
  const busy = planOf(go, aFacts({}, { traffic: { weight: 2_000_000, spanDays: 4, dates: 5 } }), gates())

  for (const { percent, requests, requestsPerDay, days, minDays } of plan.stages) {
    equal(Math.round(requestsPerDay!), 50 * percent)
    equal(days, Math.max(minDays, requests / requestsPerDay!))
  }
  ok(plan.stages[1]!.days! > plan.stages[1]!.minDays)
  deepEqual(
    busy.stages.map(({ days }) => days),
    busy.stages.map(({ minDays }) => minDays),
  )
})

test('errors are expected to be as high as those that were measured may be', () => {
  ok(plan.expectedErrorRate > 8 / 2_000 && plan.expectedErrorRate < 16 / 2_000)
})

test('a margin of its own moves the stages', () => {
  const wide = planOf(go, aFacts(), gates({ errors: { absolute: 0.05, ceiling: 0.2 } }))

  equal(Number(wide.stages[4]!.regression.toFixed(4)), 0.05)
  ok(wide.stages[0]!.regression <= 1)
})

test('a plan without a GO says so before anything else, and is made all the same', () => {
  match(words(noGo), /^The verdict is NO-GO: this candidate is shown to be worse/)
  match(words(planOf(verdictOn(traffic(150)), aFacts(), gates())), /^The verdict is not GO yet/)
  match(words(plan), /^GO: /)
  equal(noGo.stages.length, 5)
  for (const name of configNames) ok(configOf(noGo, name, 5).includes('# It was not GO'), name)
})

test('with minutes of traffic no length is claimed, and with none the plan is still one', () => {
  const minutes = planOf(go, aFacts({}, { traffic: { weight: 100, spanDays: 0.01, dates: 1 } }), gates())
  const totals = { ...storedFacts().totals, candidateAsked: 0, controlAsked: 0 }
  const nothing = planOf(verdictOn([]), aFacts({}, { totals, failures: [], prompts: [] }), gates())

  ok(minutes.stages.every(({ days, requestsPerDay }) => days === null && requestsPerDay === null))
  match(words(minutes), /Under an hour of traffic/)
  ok(nothing.stages.every(({ requests }) => Number.isFinite(requests)))
})

const weights: Record<string, (config: never) => unknown> = {
  litellm: ({
    model_list: list,
  }: {
    model_list: { model_name: string; litellm_params: { model: string; weight: number } }[]
  }) => {
    // One name for both: the gateway draws between deployments of a name.
    equal(new Set(list.map(({ model_name: name }) => name)).size, 1)
    return list.map(({ litellm_params: { weight } }) => weight).toReversed()
  },
  envoy: ({ route }: { route: { weighted_clusters: { clusters: { weight: number }[] } } }) =>
    route.weighted_clusters.clusters.map(({ weight }) => weight).toReversed(),
  istio: ({ spec }: { spec: { http: { route: { weight: number }[] }[] } }) =>
    spec.http[0]!.route.map(({ weight }) => weight).toReversed(),
}

for (const [name, weightsOf] of Object.entries(weights)) {
  test(`${name}: the candidate has the share of the stage, the served model the rest`, () => {
    for (const percent of [1, 5, 25, 50]) {
      deepEqual(weightsOf(parse(configOf(plan, name as 'litellm', percent)) as never), [percent, 100 - percent])
    }
    equal((weightsOf(parse(configOf(plan, name as 'litellm', 100)) as never) as number[])[0], 100)
  })
}

test('NGINX tells users apart by a header and a salt that are not the tap’s, and keeps whoever has moved', () => {
  const config = configOf(plan, 'nginx', 5)

  match(
    config,
    /split_clients "understudy-rollout-subtle\$http_x_user_id" \$model_side \{\n {4}5% candidate;\n {4}\* served;\n\}/,
  )
  ok(!config.includes('conversation'))
  match(configOf(plan, 'nginx', 100), /\{\n {4}\* candidate;\n\}/)
})

test('Argo Rollouts: each weight is followed by the verdict and by the time of its stage', () => {
  const { spec } = parse(configOf(plan, 'argo', 1)) as {
    spec: { strategy: { canary: { steps: { setWeight?: number; analysis?: object; pause?: { duration: string } }[] } } }
  }
  const { steps } = spec.strategy.canary

  deepEqual(
    steps.flatMap(({ setWeight }) => setWeight ?? []),
    [1, 5, 25, 50],
  )
  equal(steps.filter(({ analysis }) => analysis !== undefined).length, 4)
  for (const { pause } of steps) if (pause !== undefined) match(pause.duration, /^\d+[hm]$/)
})

test('Flagger: the weights, an interval as long as the longest stage, and a gate both ways', () => {
  const { spec } = parse(configOf(plan, 'flagger', 1)) as {
    spec: { analysis: { interval: string; stepWeights: number[]; webhooks: { type: string; url: string }[] } }
  }
  const minutes = Math.max(...plan.stages.slice(0, 4).map(({ days }) => days! * 1_440))

  deepEqual(spec.analysis.stepWeights, [1, 5, 25, 50])
  const [, amount, unit] = /^(\d+)([hm])$/.exec(spec.analysis.interval)!
  ok(Number(amount) * (unit === 'h' ? 60 : 1) >= minutes - 1e-6)
  deepEqual(
    spec.analysis.webhooks.map(({ type, url }) => [type, url.split('/').at(-1)]),
    [
      ['confirm-traffic-increase', 'gate'],
      ['rollback', 'gate?expect=no_go'],
    ],
  )
})

test('a name from the traffic stays inside its YAML', () => {
  const served = { ...plan, servedModels: ['a: {b}\n- "c" # d'] }

  equal(
    (parse(configOf(served, 'litellm', 5)) as { model_list: { model_name: string }[] }).model_list[0]!.model_name,
    served.servedModels[0],
  )
})
