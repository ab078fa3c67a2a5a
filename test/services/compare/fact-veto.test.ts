import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from '../../../services/compare/ladder.ts'
import { type Answer } from '../../../shared/contracts/answer.ts'
import { type Task } from '../../../shared/contracts/exchange.ts'
import { type FactVeto } from '../../../shared/config/schema.ts'
import { aCall, aPair } from './builders.ts'

type Given = string | Partial<Answer>

const decided = (factVeto: FactVeto, task: Task, served: Given, arm: Given) => {
  const { quality, outcome, decidedBy } = decide(aPair(served, arm, task, null, factVeto))
  return { quality, outcome, decidedBy }
}

test('in free text a contradiction takes all quality by default, and its share where it is not to veto', () => {
  const pair = [
    'Order 7 costs 48 € and comes on Monday, from Kiel.',
    'Order 7 costs 84 € and comes on Monday, from Kiel.',
  ] as const

  for (const veto of ['text', 'all'] as const)
    deepEqual(decided(veto, 'text', ...pair), { quality: 0, outcome: 'harmful', decidedBy: 'facts' })
  const counted = decided('none', 'text', ...pair)
  ok(counted.quality > 0.5 && counted.quality < 1)
  equal(counted.outcome, 'harmful')
})

test('the text beside a tool call vetoes where all texts do', () => {
  const call = aCall('refund', { order: 7, amount: 48 })
  const served = { text: 'I refund 48 € for order 7 now.', toolCalls: [call] }
  const arm = { text: 'I refund 84 € for order 7 now.', toolCalls: [call] }

  deepEqual(decided('text', 'tools', served, arm), { quality: 1, outcome: 'harmless', decidedBy: 'tools' })
  deepEqual(decided('all', 'tools', served, arm), { quality: 0, outcome: 'harmful', decidedBy: 'facts' })
  equal(decided('all', 'tools', served, { ...arm, text: 'One moment.' }).quality, 1)
})

test('prose in a document vetoes where all texts do', () => {
  const document = (amount: number) =>
    JSON.stringify({ id: 7, note: `The customer will get a refund of ${amount} € for the broken lamp.` })

  equal(decided('text', 'json', document(48), document(84)).quality, 0.5)
  equal(decided('all', 'json', document(48), document(84)).quality, 0)
  equal(decided('all', 'json', '{"id":7,"n":1}', '{"id":7,"n":2}').quality, 0.5)
})

test('the reason below a label vetoes where all texts do, in any language', () => {
  const labelled = (reason: string) => `billing\n${reason}`
  const [served, arm] = [
    labelled('Die Kundin wurde im Mai mit 48 € doppelt belastet.'),
    labelled('Die Kundin wurde im Mai mit 84 € doppelt belastet.'),
  ]

  deepEqual(decided('text', 'label', served, arm), { quality: 1, outcome: 'harmless', decidedBy: 'label' })
  deepEqual(decided('all', 'label', served, arm), { quality: 0, outcome: 'harmful', decidedBy: 'facts' })
  equal(decided('all', 'label', served, served.replace('billing', 'shipping')).decidedBy, 'label')
})
