import { percent, unknown } from '../words.ts'
import { type Table } from './section.ts'

type Beside = { candidate: number; control: number | null }

/** The candidate, the served model asked again, and what is left when its noise is subtracted. */
export const besideColumns: Table['columns'] = [
  { title: 'candidate', isNumber: true },
  { title: 'served again', isNumber: true },
  { title: 'difference', isNumber: true },
]

export function besideCells({ candidate, control }: Beside): string[] {
  return [percent(candidate), percent(control), control === null ? unknown : signedPercent(candidate - control)]
}

function signedPercent(share: number): string {
  return `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`
}

/** ` (the served model asked again 3.0 %)`, or nothing where it is not asked. */
export function orAgain(control: number | null | undefined): string {
  return control === null || control === undefined ? '' : ` (the served model asked again ${percent(control)})`
}
