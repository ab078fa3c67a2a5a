import { type SliceResult, type SlicesOf } from '../../../shared/contracts/verdict.ts'
import { count, counted, gateTitles, natural, percent, sliceTitle, unknown } from '../words.ts'
import { type SectionOf } from './section.ts'

const stateTitles: Record<SliceResult['state'], string> = {
  inside: 'inside',
  outside: 'HARMED',
  undecided: 'undecided',
  too_few: 'not enough data',
}
const ranks: Record<SliceResult['state'], number> = { outside: 0, undecided: 1, inside: 2, too_few: 3 }
const shownSlices = 30

/** Kinds of traffic by themselves, the worst first, each with its worst gate. */
export const slices: SectionOf = ({ slices: found, except, alpha }) => {
  if (found === null || found.declared.length + found.found.length === 0) return null
  const all = found.declared
    .map((slice) => ({ slice, isFound: false }))
    .concat(found.found.map((slice) => ({ slice, isFound: true })))
    .toSorted((a, b) => ranks[a.slice.state] - ranks[b.slice.state] || worst(b.slice) - worst(a.slice))
  return {
    title: 'Kinds of traffic',
    sentences: [
      ...(except.length === 0
        ? []
        : [`Proven harmed, so they stay with the served model: ${except.map(sliceTitle).join('; ')}.`]),
      ...suspicions(found),
      ...search(found),
      `Each kind is held to twice the margin of the whole, by its own evidence. HARMED is proven over all kinds and gates together (Holm, ${percent(alpha, 2)}); distances are drawn towards the mean of all kinds as far as they are noise. Under 30 conversations a kind shows nothing but its size.`,
      ...(all.length > shownSlices ? [`${count(all.length - shownSlices)} more are in the JSON.`] : []),
    ],
    table: {
      columns: [
        { title: 'kind of traffic' },
        { title: 'units', isNumber: true },
        { title: 'worst gate' },
        { title: 'candidate', isNumber: true },
        { title: 'served again', isNumber: true },
        { title: 'distance × 100', isNumber: true },
        { title: 'state' },
      ],
      rows: all.slice(0, shownSlices).map(({ slice, isFound }) => rowOf(slice, isFound)),
    },
  }
}

const worst = ({ gates }: SliceResult) => gates[0]?.logENoGo ?? -Infinity

function rowOf(slice: SliceResult, isFound: boolean): string[] {
  const [gate] = slice.gates
  const title = `${isFound ? 'found: ' : ''}${sliceTitle(slice)}`
  const units = count(Math.max(0, ...slice.gates.map((each) => each.units)))
  if (gate === undefined || gate.shrunken === null) {
    return [title, units, unknown, unknown, unknown, unknown, stateTitles[slice.state]]
  }
  const { candidate, reference, unit } = gate.natural
  const distance = `${gate.shrunken < 0 ? '−' : '+'}${Math.abs(gate.shrunken * 100).toFixed(1)}`
  return [
    title,
    units,
    gateTitles[gate.gate],
    natural(candidate, unit),
    natural(reference, unit),
    distance,
    stateTitles[slice.state],
  ]
}

function suspicions({ declared }: SlicesOf): string[] {
  const suspected = declared.filter(({ state, gates }) => state !== 'outside' && gates.some((gate) => gate.suspected))
  if (suspected.length === 0) return []
  return [
    `Likely harmed and not proven (at most one in ten of such a list is there by chance): ${suspected.map(sliceTitle).join('; ')}.`,
  ]
}

function search({ found }: SlicesOf): string[] {
  if (found.length === 0) return []
  const confirmed = found.filter(({ state }) => state === 'outside').length
  return [
    `${counted(found.length, 'kind')} of traffic that nobody declared looked worst in one half of the conversations; the other half, whose numbers these are, confirms ${confirmed === 0 ? 'none' : String(confirmed)}.`,
  ]
}
