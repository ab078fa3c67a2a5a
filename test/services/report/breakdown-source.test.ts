import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { breakdownOf } from '../../../services/report/breakdown.ts'
import { readBreakdownSums } from '../../../services/report/breakdown-source.ts'
import { openDays } from '../../../services/report/days/days.ts'
import { rowsOf } from '../../../services/record/rows.ts'
import { Breakdown } from '../../../shared/contracts/breakdown.ts'
import { type Comparison } from '../../../shared/contracts/comparison.ts'
import { aComparison } from '../record/samples.ts'
import { migratedStore } from '../../support/migrated-store.ts'

const store = await migratedStore()

type Given = Partial<Comparison> & { name: string }

async function breakdown(arm: string, given: Given[], controlFingerprint: string | null = 'control-1') {
  const rows = given.flatMap(({ name, ...changes }) => rowsOf.comparisons(aComparison(name, arm, changes)).comparisons)
  await store.insert('comparisons', rows)
  const control = controlFingerprint ?? ''
  const subject = { arm, fingerprint: `${arm}-1`, control, sinceMs: 0, untilMs: Date.UTC(2099, 0) }
  const sums = await readBreakdownSums(await openDays(store, subject), controlFingerprint !== null)
  const told = breakdownOf(sums)
  return told && Breakdown.parse(told)
}

const found = (
  finding: 'same' | 'harmless' | 'harmful' | 'unsure',
  more: Partial<Comparison['found'] & object> = {},
) => ({
  finding,
  kinds: [],
  paths: [],
  label: null,
  ...more,
})
const again = (...given: Parameters<typeof found>) => ({ ...found(...given), decidedBy: 'text', scores: {} })

test('findings, rungs and kinds are shares of traffic, the control’s beside them', async () => {
  const told = await breakdown('weighed', [
    {
      name: '1',
      sampleProbability: 1,
      decidedBy: 'facts',
      found: found('harmful', { kinds: ['facts:amount'] }),
      controlFound: again('same'),
    },
    { name: '2', sampleProbability: 0.5, found: found('unsure'), controlFound: again('unsure') },
    {
      name: '3',
      sampleProbability: 1,
      decidedBy: 'identical',
      found: found('same'),
      controlFound: { ...again('harmful', { kinds: ['facts:amount'] }), decidedBy: 'facts' },
    },
  ])

  equal(told!.exchanges, 3)
  deepEqual(told!.findings, {
    candidate: { same: 0.25, harmless: 0, unsure: 0.5, harmful: 0.25 },
    control: { same: 0.25, harmless: 0, unsure: 0.5, harmful: 0.25 },
  })
  deepEqual(told!.rungs[0], {
    rung: 'facts',
    decided: { candidate: 0.25, control: 0.25 },
    harmful: { candidate: 0.25, control: 0.25 },
  })
  deepEqual(told!.kinds, [{ kind: 'facts:amount', candidate: 0.25, control: 0.25 }])
})

test('only exchanges on which both were compared, with the settings of now', async () => {
  const told = await breakdown('paired', [
    { name: '1', found: found('same'), controlFound: again('same') },
    { name: '2', found: found('harmful'), controlFound: null },
    { name: '3', found: found('harmful'), controlFound: again('same'), controlFingerprint: 'control-0' },
    { name: '4', found: found('harmful'), controlFound: again('same'), armFingerprint: 'paired-0' },
    { name: '5', found: null, controlFound: null, outcome: 'not_comparable' },
  ])

  equal(told!.exchanges, 1)
  equal(told!.findings.candidate.same, 1)
})

test('without a control every comparison counts, and there is no noise to subtract', async () => {
  const given = [
    { name: '1', found: found('same'), controlFound: null },
    { name: '2', found: found('unsure'), controlFound: null },
  ]
  const told = await breakdown('alone', given, null)

  equal(told!.findings.candidate.unsure, 0.5)
  equal(told!.findings.control, null)
  equal(told!.rungs[0]!.harmful.control, null)
})

test('nothing compared is no breakdown', async () => {
  equal(await breakdown('nobody', []), null)
})

test('places are shares of the pairs of their route in which documents could be compared', async () => {
  const scores = { json_fields: 1 }
  const at = (paths: string[], controlPaths: string[] = []): Partial<Comparison> => ({
    sampleProbability: 1,
    task: 'json',
    scores,
    found: found('harmful', { paths }),
    controlFound: { ...again('same', { paths: controlPaths }), scores },
  })
  const told = await breakdown('places', [
    { name: '1', route: 'invoice', ...at(['/total', '/lines/*/price']) },
    { name: '2', route: 'invoice', ...at(['/total'], ['/total']) },
    { name: '3', route: 'invoice', ...at([]) },
    { name: '4', route: 'invoice', ...at([]) },
    { name: '5', route: 'order', ...at(['/total']) },
    // An answer that is no JSON has no places, and is not in the whole either.
    { name: '6', route: 'invoice', ...at([]), scores: {} },
  ])

  deepEqual(told!.places, [
    { route: 'order', path: '/total', exchanges: 1, candidate: 1, control: 0 },
    { route: 'invoice', path: '/total', exchanges: 4, candidate: 0.5, control: 0.25 },
    { route: 'invoice', path: '/lines/*/price', exchanges: 4, candidate: 0.25, control: 0 },
  ])
})

test('tool calls and schemas are measured by route, where the measure applies to both', async () => {
  const scored = (scores: Comparison['scores'], control: Comparison['scores']): Partial<Comparison> => ({
    sampleProbability: 1,
    scores,
    found: found('same'),
    controlFound: { ...again('same'), scores: control },
  })
  const told = await breakdown('measured', [
    { name: '1', ...scored({ tool_f1: 1, argument_accuracy: 0.5 }, { tool_f1: 1, argument_accuracy: 1 }) },
    { name: '2', ...scored({ tool_f1: 0 }, { tool_f1: 1, argument_accuracy: 1 }) },
    {
      name: '3',
      ...scored({ schema_kept: 0 }, { schema_kept: 1 }),
      servedFound: { label: null, scores: { schema_kept: 1 } },
    },
  ])

  deepEqual(told!.measures, [
    { route: 'support', measure: 'argument_accuracy', exchanges: 1, served: null, candidate: 0.5, control: 1 },
    { route: 'support', measure: 'schema_kept', exchanges: 1, served: 1, candidate: 0, control: 1 },
    { route: 'support', measure: 'tool_f1', exchanges: 2, served: null, candidate: 0.5, control: 1 },
  ])
})

test('labels are counted against the served ones, an answer without one under none of them', async () => {
  const labelled = (served: string, label: string, control: string): Partial<Comparison> => ({
    task: 'label',
    found: found('same', { label }),
    controlFound: again('same', { label: control }),
    servedFound: { label: served, scores: {} },
  })
  const told = await breakdown('labels', [
    { name: '1', ...labelled('billing', 'billing', 'billing') },
    { name: '2', ...labelled('billing', 'shipping', 'billing') },
    { name: '3', ...labelled('shipping', 'shipping', 'billing') },
    { name: '4', ...labelled('billing', '', 'billing') },
  ])

  const [route] = told!.labels
  deepEqual([route!.route, route!.exchanges, route!.labels], ['support', 4, ['billing', 'shipping']])
  deepEqual(route!.candidate.counts, [
    [1, 1, 1],
    [0, 1, 0],
  ])
  equal(route!.candidate.accuracy, 0.5)
  deepEqual(route!.candidate.classes[0], { precision: 1, recall: 1 / 3, f1: 0.5 })
  deepEqual(route!.control!.counts, [
    [3, 0, 0],
    [1, 0, 0],
  ])
  deepEqual(route!.control!.classes[1], { precision: null, recall: 0, f1: 0 })
})

test('short texts that were taken for labels have no confusion matrix', async () => {
  const texts = ['done', 'on friday', 'room 7'].map((label, at): Given => ({
    name: String(at),
    task: 'label',
    found: found('same', { label }),
    controlFound: again('same', { label }),
    servedFound: { label, scores: {} },
  }))

  deepEqual((await breakdown('short', texts))!.labels, [])
})

test('what is not in the context is a share of all that is claimed', async () => {
  const grounded = (served: number[], arm: number[], control: number[]): Partial<Comparison> => {
    const scores = ([claims, share]: number[]) => ({ grounded_claims: claims!, grounded: share! })
    return {
      sampleProbability: 1,
      scores: scores(arm),
      found: found('same'),
      controlFound: { ...again('same'), scores: scores(control) },
      servedFound: { label: null, scores: scores(served) },
    }
  }
  const told = await breakdown('grounded', [
    { name: '1', ...grounded([4, 1], [4, 0.5], [4, 1]) },
    { name: '2', ...grounded([4, 1], [12, 1], [0, 1]) },
  ])

  deepEqual(told!.grounding, [
    {
      route: 'support',
      exchanges: 2,
      served: { claims: 8, ungrounded: 0 },
      candidate: { claims: 16, ungrounded: 0.125 },
      control: { claims: 4, ungrounded: 0 },
    },
  ])
})
