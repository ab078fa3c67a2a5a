import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { readScores } from '../../../../../services/cli/import/scores/read-scores.ts'

const exchangeId = '01890000-0000-7000-8000-000000000001'
const brief = (text: string, by?: string) =>
  readScores(text, by).map((told) =>
    'unreadable' in told
      ? `${told.place} unreadable`
      : [told.place, told.exchangeId, told.arm, told.name, told.score, told.reason, told.by],
  )

test('promptfoo: each result’s score and its named ones, by metadata or vars, the arm by the provider’s label', () => {
  const results = [
    {
      provider: { id: 'openai:gpt-5-mini', label: 'mini' },
      vars: { exchangeId, question: 'Where?' },
      testCase: { vars: { exchangeId } },
      success: false,
      score: 0.5,
      namedScores: { tone: 0.25 },
      gradingResult: { pass: false, score: 0.5, reason: 'too terse' },
    },
    {
      provider: { id: 'file://answers.js' },
      testCase: { metadata: { exchange_id: exchangeId, arm: 'control' } },
      score: 1,
      namedScores: {},
    },
    'odd',
  ]
  const told = [
    ['result 1', exchangeId, 'mini', 'score', 0.5, 'too terse', 'promptfoo'],
    ['result 1', exchangeId, 'mini', 'tone', 0.25, null, 'promptfoo'],
    ['result 2', exchangeId, 'control', 'score', 1, null, 'promptfoo'],
    'result 3 unreadable',
  ]
  deepEqual(brief(JSON.stringify({ evalId: 'eval-1', results: { version: 3, results, stats: {} } })), told)
  deepEqual(brief(JSON.stringify({ results })), told)
})

test('DeepEval: each metric of a test case, with the model that gave it, in both spellings', () => {
  const metric = {
    name: 'Faithfulness',
    threshold: 0.5,
    success: true,
    score: 0.75,
    reason: 'ok',
    evaluationModel: 'gpt-5',
  }
  const camel = { testCases: [{ name: 'a', additionalMetadata: { exchangeId, arm: 'mini' }, metricsData: [metric] }] }
  const { evaluationModel: evaluation_model, ...rest } = metric
  const snake = {
    test_results: [
      {
        additional_metadata: { exchange_id: exchangeId, arm: 'mini' },
        metrics_data: [
          { ...rest, evaluation_model },
          { name: 'Bias', score: null },
        ],
      },
      { name: 'without metrics' },
    ],
  }

  const told = ['test case 1', exchangeId, 'mini', 'Faithfulness', 0.75, 'ok', 'deepeval gpt-5']
  deepEqual(brief(JSON.stringify(camel)), [told])
  deepEqual(brief(JSON.stringify(snake)), [
    told,
    ['test case 1', exchangeId, 'mini', 'Bias', null, null, 'deepeval'],
    'test case 2 unreadable',
  ])
})

test('Ragas: a column for each score, in CSV and in records; texts and row numbers are none', () => {
  const csv = `,user_input,response,exchange_id,arm,faithfulness,answer_relevancy\n0,"Where, and when?","Soon\n",${exchangeId},served,1.0,0.5\n1,x,y,${exchangeId},mini,,0.25\n`

  deepEqual(brief(csv, 'ragas'), [
    ['line 3', exchangeId, 'served', 'faithfulness', 1, null, 'ragas'],
    ['line 3', exchangeId, 'served', 'answer_relevancy', 0.5, null, 'ragas'],
    ['line 4', exchangeId, 'mini', 'answer_relevancy', 0.25, null, 'ragas'],
  ])
  deepEqual(
    brief(
      JSON.stringify([{ user_input: 'a', exchange_id: exchangeId, arm: 'mini', faithfulness: 0.5, reference: null }]),
    ),
    [['entry 1', exchangeId, 'mini', 'faithfulness', 0.5, null, 'imported']],
  )
})

test('plain rows, JSON lines or CSV: a person’s verdict, yes and no as 1 and 0', () => {
  const lines = [
    { exchangeId, arm: 'mini', name: 'helpful', score: true, reason: 'fine', by: 'ana' },
    { exchangeId, arm: 'mini', name: 'helpful', score: '0.5', by: 'ben' },
  ]
  deepEqual(
    brief(`${lines.map((line) => JSON.stringify(line)).join('\r\n')}\n\nnot json\n{"exchangeId": NaN}\n[1]\n`),
    [
      ['line 1', exchangeId, 'mini', 'helpful', 1, 'fine', 'ana'],
      ['line 2', exchangeId, 'mini', 'helpful', 0.5, null, 'ben'],
      'line 4 unreadable',
      'line 5 unreadable',
      'line 6 unreadable',
    ],
  )
  deepEqual(brief(`exchangeId,arm,name,score,reason\n${exchangeId},mini,helpful,3,"good, mostly"\n,,helpful,many,\n`), [
    ['line 2', exchangeId, 'mini', 'helpful', 3, 'good, mostly', 'imported'],
    ['line 3', null, null, 'helpful', null, null, 'imported'],
  ])
})

test('one object is one row, and what is none of these is refused without being quoted', () => {
  equal(brief(JSON.stringify({ exchangeId, arm: 'mini', score: 1 })).length, 1)
  throws(
    () => readScores('a,"b\nsecret', undefined),
    (err: { code: string; message: string }) => err.code === 'IMPORT_UNREADABLE' && !err.message.includes('secret'),
  )
})
