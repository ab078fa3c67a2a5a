import { type BodiesState } from '../../../../../shared/contracts/exchange-view.ts'

/** Why `what` (the request, the text) is not shown, as a sentence. */
export function missingWords(what: string, { state, reason }: BodiesState): string {
  if (state === 'stored') return 'There is no text in it.'
  if (state === 'hidden') return `${what} is ${reason ?? 'hidden'}.`
  return `${what} ${state === 'deleted' ? 'is no longer kept' : 'was never kept'}${reason === null ? '' : `: ${reason}`}.`
}
