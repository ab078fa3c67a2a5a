import { type Report } from '../../shared/contracts/report.ts'
import { minute } from './format/rows.ts'
import { type Section } from './sections/section.ts'

/** What a report was made from, and how anybody may make it again. */
export function provenanceOf({ inputs, digest, signature, facts }: Report): Section {
  const { since, asOf, trafficEnded, priceBook, judge, controlFingerprint } = inputs
  const window = `${since === null ? 'from the beginning' : `from ${minute(since)}`} to ${minute(asOf)} UTC${trafficEnded ? ', the traffic has ended' : ''}`
  const rows = [
    ['data window', window],
    ...facts.map(({ candidate, armFingerprint, campaign }) => [
      candidate,
      `settings ${armFingerprint}, campaign ${campaign ?? 'none'}`,
    ]),
    ['control', controlFingerprint === null ? 'off' : `settings ${controlFingerprint}`],
    ['price book', `${priceBook.source}, sha256:${priceBook.sha256}`],
    ['judge', judge === null ? 'none' : `${judge.model} at ${judge.provider}`],
    ['digest', digest],
    ['signature', signature === null ? 'none' : `Ed25519, ${signature.publicKey}`],
  ]
  return {
    title: 'Made from',
    sentences: ['understudy summary --verify FILE makes it again from the store and compares every number.'],
    table: { columns: [{ title: 'what' }, { title: 'which' }], rows },
  }
}
