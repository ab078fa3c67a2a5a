import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { changesBetween } from '../../../../services/report/campaigns/changes.ts'
import { campaignInputs, hashOfInputs } from '../../../../services/report/campaigns/inputs.ts'
import { armsOf } from '../../../../shared/config/arms.ts'
import { Config } from '../../../../shared/config/schema.ts'

const settings = {
  tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
  providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
  control: { provider: 'openai' },
  routes: [{ name: 'support', match: { model: 'gpt-*' } }],
  candidates: [{ name: 'mini', provider: 'openai', model: 'small-1', routes: ['support'] }],
}
const inputsOf = (changes: object) => {
  const config = Config.parse({ ...settings, ...changes })
  return campaignInputs(
    config,
    armsOf(config).find(({ name }) => name === 'mini')!,
  )
}
const changes = (changed: object) => changesBetween(JSON.stringify(inputsOf({})), JSON.stringify(inputsOf(changed)))

for (const [what, changed, words] of [
  ['a margin', { gates: { quality: { relative: 0.05 } } }, ['margins changed (quality 3 % → 5 %)']],
  [
    'several margins',
    { gates: { errors: { ceiling: 0.1 }, ttftP50: { absoluteMs: 500, unit: 'hour' } } },
    [
      'margins changed (error rate ceiling 5 % → 10 %, p50 first token absoluteMs 200 → 500, p50 first token unit conversation → hour)',
    ],
  ],
  ['alpha', { gates: { alpha: 0.1 } }, ['alpha 5 % → 10 %']],
  ['the most units', { gates: { maxUnits: 5_000 } }, ['maxUnits none → 5,000']],
  [
    'the prompt of the candidate',
    { candidates: [{ ...settings.candidates[0], system: 'Be brief.' }] },
    ['candidate changed (model, prompt or parameters)'],
  ],
  ['the control', { control: false }, ['control changed']],
  ['the judge', { compare: { judge: { provider: 'openai', model: 'judge-1' } } }, ['judge changed']],
  ['what a route matches', { routes: [{ name: 'support', match: { model: '*' } }] }, ['routes changed']],
  [
    'how many compete',
    {
      gates: { candidatesCompete: true },
      candidates: [...settings.candidates, { name: 'b', provider: 'openai', model: 'b' }],
    },
    ['competing 1 → 2'],
  ],
] as const) {
  test(`a change of ${what} is another campaign, and is told`, () => {
    deepEqual(changes(changed), words)
    deepEqual(hashOfInputs(inputsOf(changed)) === hashOfInputs(inputsOf({})), false)
  })
}

test('what may not alter a verdict is no part of a campaign', () => {
  const same = {
    candidates: [{ ...settings.candidates[0], budgetUsdPerDay: 5, limits: { concurrency: 2 } }],
    report: { listen: '127.0.0.1:1234' },
    retention: { bodiesDays: 2 },
  }

  deepEqual(changes(same), [])
  deepEqual(hashOfInputs(inputsOf(same)), hashOfInputs(inputsOf({})))
})

test('another candidate beside it changes nothing, unless they compete', () => {
  const candidates = [...settings.candidates, { name: 'other', provider: 'openai', model: 'other' }]
  deepEqual(hashOfInputs(inputsOf({ candidates })), hashOfInputs(inputsOf({})))
})
