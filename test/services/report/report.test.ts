import { deepEqual, equal, match, notEqual, ok, throws } from 'node:assert/strict'
import { test } from 'node:test'
import Ajv2020 from 'ajv/dist/2020.js'
import { differing } from '../../../services/report/differing.ts'
import { embedded, reportIn } from '../../../services/report/format/embedded.ts'
import { formats } from '../../../services/report/format/index.ts'
import { digestOf, reportOf, summariesOf } from '../../../services/report/report.ts'
import { Report, reportJsonSchema } from '../../../shared/contracts/report.ts'
import { traffic, verdictOn } from '../../support/pair-rows.ts'
import { aFacts, aReport } from '../../support/report.ts'
import { hostile } from '../../support/worst-comparison.ts'

const report = aReport()
/** So short that no excerpt cuts it. */
const short = '<!-- understudy-report:1 AAAA -->'

test('a report is as its contract and as its published schema have it', () => {
  const validate = new Ajv2020.default({ strict: false, formats: { 'date-time': true, uuid: true } }).compile(
    reportJsonSchema(),
  )

  deepEqual(Report.parse(report), report)
  ok(validate(JSON.parse(formats.json.of(report))), JSON.stringify(validate.errors))
  equal(validate({ ...report, verdicts: [{ ...report.verdicts[0], verdict: 'maybe' }] }), false)
})

test('the digest covers every part but itself and the signature, in any order', () => {
  const { digest: _digest, signature: _signature, ...content } = report
  const turned = Object.fromEntries(Object.entries(content).toReversed()) as typeof content

  equal(digestOf(turned), report.digest)
  match(report.digest, /^sha256:[0-9a-f]{64}$/)
  const verdicts = [{ ...report.verdicts[0]!, verdict: 'go' as const }]
  notEqual(digestOf({ ...content, verdicts }), report.digest)
  notEqual(digestOf({ ...content, inputs: { ...content.inputs, trafficEnded: false } }), report.digest)
  notEqual(digestOf({ ...content, facts: [] }), report.digest)
})

for (const name of ['json', 'md', 'html'] as const) {
  test(`a report in ${name} is read back whole, whatever models said`, () => {
    const worst = [{ ...aFacts().worst[0]!, servedExcerpt: `--> ${hostile}`, armExcerpt: `x\n${short}` }]
    const said = reportOf({ ...report, facts: [aFacts({ worst })] })

    deepEqual(reportIn(formats[name].of(said), 'report'), JSON.parse(JSON.stringify(said)))
  })
}

for (const [what, text] of [
  ['prose', 'GO'],
  ['other JSON', '{"version": 1}'],
  ['a damaged report', short],
  ['two reports', `${embedded(report)}\n${embedded(report)}`],
]) {
  test(`${what} is not a report, and the error says what is`, () => {
    throws(() => reportIn(text!, 'summary.md'), {
      code: 'USAGE',
      message: /summary\.md is not a report.*--format json/,
    })
  })
}

test('every format shows every candidate, and JSON begins with the verdicts', () => {
  const other = verdictOn(traffic(300), {
    candidate: { ...report.verdicts[0]!, name: 'other', fingerprint: 'ab', model: 'm' },
  })
  const two = reportOf({
    ...report,
    verdicts: [report.verdicts[0]!, other],
    facts: [aFacts(), aFacts({ candidate: 'other' })],
  })

  for (const [name, { of }] of Object.entries(formats)) {
    ok(of(two).includes('subtle') && of(two).includes('other'), name)
    ok(of(reportOf({ ...report, verdicts: [], facts: [] })).length > 0, name)
  }
  deepEqual(Object.keys(JSON.parse(formats.json.of(two)) as object), [
    'version',
    'verdicts',
    'facts',
    'inputs',
    'digest',
    'signature',
  ])
  equal(summariesOf(two)[1]!.facts!.candidate, 'other')
})

for (const name of ['text', 'md', 'html'] as const) {
  test(`${name} says what to do in plain words, then the numbers, and what it was made from last`, () => {
    const shown = formats[name].of(report).replaceAll('\\', '').replace(/\s+/g, ' ')
    const place = (words: string | RegExp) => {
      const at = shown.search(words)
      ok(at >= 0, `${String(words)} is not in it`)
      return at
    }
    const places = [
      place(/Keep large-1: subtle is outside the margin of quality\./),
      place(
        /By estimate it works as it is on support · 3f2a91bc0d11; loses on invoice-extract · 77aa00bc0d12 \(worse on 20\.0 % of 600, mostly by facts\)/,
      ),
      place(/would save about \$300 a month, which pays the migration back in 5\.0 months/),
      place('NO-GO: quality is outside'),
      place('quality at least 97 %'),
      place(/5xx: server error/),
      place(/first token p99/),
      place(/roll back above/),
      place(report.digest.slice(0, 20)),
    ]

    ok(shown.includes('works as is') && shown.includes('rework') && shown.includes('too few to tell'))
    if (name !== 'text')
      deepEqual(
        places,
        places.toSorted((a, b) => a - b),
      )
  })
}

test('numbers that differ by rounding are the same, all else is named by its place', () => {
  deepEqual(differing({ a: 0.1 + 0.2, b: [1, 2] }, { a: 0.3, b: [1, 2] }), [])
  deepEqual(differing({ a: { 'x/y': 1 }, b: [1, null] }, { a: { 'x/y': 1.001 }, b: [1, 0], c: 'new' }), [
    { pointer: '/a/x~1y', was: 1, is: 1.001 },
    { pointer: '/b/1', was: null, is: 0 },
    { pointer: '/c', was: undefined, is: 'new' },
  ])
  deepEqual(differing([], {}), [{ pointer: '', was: [], is: {} }])
})
