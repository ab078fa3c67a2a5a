import { type Json, type JsonObject } from '../dialect.ts'
import { type DraftAnswer, noteAnomaly } from '../draft-answer.ts'
import { field, isObject, text } from '../json.ts'

/** Where pieces of a streamed text belong: a member of the item, or a part in one of its lists. */
type Place = { item: string; member: string; part?: { type: string; index: string; text: string } }

const content = (type: string, member = 'text') => ({ type, index: 'content_index', text: member })

/** Event names less `.delta` and `.done`. */
const places = new Map<string, Place>([
  ['response.output_text', { item: 'message', member: 'content', part: content('output_text') }],
  ['response.refusal', { item: 'message', member: 'content', part: content('refusal', 'refusal') }],
  ['response.reasoning_text', { item: 'reasoning', member: 'content', part: content('reasoning_text') }],
  [
    'response.reasoning_summary_text',
    { item: 'reasoning', member: 'summary', part: { ...content('summary_text'), index: 'summary_index' } },
  ],
  ['response.function_call_arguments', { item: 'function_call', member: 'arguments' }],
  ['response.custom_tool_call_input', { item: 'custom_tool_call', member: 'input' }],
  ['response.mcp_call_arguments', { item: 'mcp_call', member: 'arguments' }],
  ['response.code_interpreter_call_code', { item: 'code_interpreter_call', member: 'code' }],
])

type Pieces = { place: Place; index: number; texts: string[] }
type Gathered = { start: JsonObject; isWhole: boolean; pieces: Map<string, Pieces> }

/** Output items while they are streamed. */
export type ItemGatherer = {
  /** False: the event is none that builds an item. */
  take(type: string, event: JsonObject, draft: DraftAnswer): boolean
  /** In the order of the output. */
  items(): JsonObject[]
}

/** Joins by `output_index` and `content_index`; ids rotate behind some gateways and are never looked at. */
export function gatherItems(): ItemGatherer {
  const gathered = new Map<number, Gathered>()

  function take(type: string, event: JsonObject, draft: DraftAnswer): boolean {
    if (type === 'response.output_item.added' || type === 'response.output_item.done') {
      takeItem(event, type.endsWith('.done'))
      return true
    }
    const place = places.get(type.replace(/\.(delta|done)$/, ''))
    if (place === undefined) return false
    takePiece(place, event, type.endsWith('.delta'), draft)
    return true
  }

  function takeItem(event: JsonObject, isWhole: boolean): void {
    const start = field(event, 'item')
    if (!isObject(start)) return
    const index = indexOf(event, 'output_index')
    gathered.set(index, { start, isWhole, pieces: gathered.get(index)?.pieces ?? new Map() })
  }

  function takePiece(place: Place, event: JsonObject, isDelta: boolean, draft: DraftAnswer): void {
    const output = indexOf(event, 'output_index')
    const index = place.part === undefined ? 0 : indexOf(event, place.part.index)
    if (!gathered.has(output)) {
      noteAnomaly(draft, 'delta_without_item')
      gathered.set(output, { start: { type: place.item }, isWhole: false, pieces: new Map() })
    }
    const { pieces } = gathered.get(output)!
    const key = `${place.member} ${index}`
    const texts = pieces.get(key)?.texts ?? []
    const said = text(field(event, isDelta ? 'delta' : (place.part?.text ?? place.member)))
    if (said === null) return
    if (isDelta) texts.push(said)
    pieces.set(key, { place, index, texts: isDelta ? texts : [said] })
  }

  return {
    take,
    items: () => [...gathered].toSorted(([a], [b]) => a - b).map(([, each]) => assemble(each)),
  }
}

function indexOf(event: JsonObject, name: string): number {
  const index = field(event, name)
  return typeof index === 'number' ? index : 0
}

/** An item that was told whole is what it says; what it leaves empty, or was never ended, is made of its pieces. */
function assemble({ start, isWhole, pieces }: Gathered): JsonObject {
  const item = { ...start }
  for (const { place } of pieces.values()) {
    if (isWhole && isSaid(field(start, place.member))) continue
    item[place.member] = join([...pieces.values()].filter((each) => each.place.member === place.member))
  }
  return item
}

function isSaid(value: Json | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== ''
}

function join(pieces: Pieces[]): Json {
  const whole = pieces
    .toSorted((a, b) => a.index - b.index)
    .map(({ place, texts }) => ({ place, said: texts.join('') }))
  if (whole[0]?.place.part === undefined) return whole.map(({ said }) => said).join('')
  return whole.map(({ place, said }) => ({ type: place.part!.type, [place.part!.text]: said }))
}
