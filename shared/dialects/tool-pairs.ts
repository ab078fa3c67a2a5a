import { type Losses, type Part, type ToolCallPart, type ToolResultPart, type Turn } from './canonical.ts'

/**
 * Providers refuse a tool call without its result in the next turn, and a result without its call. Such parts are told
 * in words instead. Calls get ids that are unique in the conversation and made of letters, digits, `_` and `-`.
 */
export function pairTools(turns: Turn[], losses: Losses): Turn[] {
  const ids = createIdMap(losses)
  /** Calls of the last assistant turn: id on the wire → id we send. */
  let open = new Map<string, string>()
  return turns.map((turn, at) => {
    if (turn.role === 'assistant') {
      open = new Map()
      if (!turn.parts.some((part) => part.type === 'tool_call')) return turn
      const answered = answeredIds(turns, at)
      return { role: turn.role, parts: turn.parts.map((part) => pairCall(part, answered, open, ids, losses)) }
    }
    let isSpoken = false
    let parts = turn.parts
    for (const [place, part] of turn.parts.entries()) {
      if (part.type !== 'tool_result') isSpoken = true
      else {
        if (parts === turn.parts) parts = [...parts]
        parts[place] = pairResult(part, open, losses)
      }
    }
    // Results may follow in several turns of the user; words end them.
    if (isSpoken) open = new Map()
    return parts === turn.parts ? turn : { role: turn.role, parts }
  })
}

/** The results of one turn of the assistant in one turn of the user, with what the user says behind them. */
export function mergeResults(turns: Turn[]): Turn[] {
  const merged: Turn[] = []
  for (const turn of turns) {
    const last = merged.at(-1)
    const isOpen =
      last?.role === 'user' && last.parts.length > 0 && last.parts.every((part) => part.type === 'tool_result')
    if (isOpen && turn.role === 'user') merged[merged.length - 1] = { ...last, parts: [...last.parts, ...turn.parts] }
    else merged.push(turn)
  }
  return merged
}

function answeredIds(turns: Turn[], assistantAt: number): Set<string> {
  const answered = new Set<string>()
  for (let at = assistantAt + 1; at < turns.length && turns[at]!.role === 'user'; at++) {
    let isSpoken = false
    for (const part of turns[at]!.parts) {
      if (part.type === 'tool_result') answered.add(part.callId)
      else isSpoken = true
    }
    if (isSpoken) break
  }
  return answered
}

function pairCall(part: Part, answered: Set<string>, open: Map<string, string>, ids: IdMap, losses: Losses): Part {
  if (part.type !== 'tool_call') return part
  if (!answered.has(part.id) || open.has(part.id)) return callInWords(part, losses)
  const id = ids(part.id)
  open.set(part.id, id)
  return id === part.id ? part : { ...part, id }
}

function pairResult(part: ToolResultPart, open: Map<string, string>, losses: Losses): Part {
  const id = open.get(part.callId)
  if (id === undefined) return resultInWords(part, losses)
  // A second result for one call has no place either.
  open.delete(part.callId)
  return id === part.callId ? part : { ...part, callId: id }
}

function callInWords(part: ToolCallPart, losses: Losses): Part {
  losses.add({
    parameter: 'messages.tool_calls',
    kind: 'emulated',
    severity: 'material',
    detail: 'a tool call without a result in the next turn is told in words',
  })
  return { type: 'text', text: `[called ${part.name} with ${part.argumentsText || '{}'}]` }
}

function resultInWords(part: ToolResultPart, losses: Losses): Part {
  losses.add({
    parameter: 'messages.tool_result',
    kind: 'emulated',
    severity: 'material',
    detail: 'a tool result without its call in the turn before is told in words',
  })
  const words = part.content.map((piece) => (piece.type === 'text' ? piece.text : `[${piece.type}]`)).join('\n')
  return { type: 'text', text: `[tool result] ${words}` }
}

type IdMap = (id: string) => string

const accepted = /^[\w-]+$/

function createIdMap(losses: Losses): IdMap {
  const used = new Set<string>()
  return (id) => {
    const safe = accepted.test(id) ? id : id.replaceAll(/[^\w-]/g, '_') || 'call'
    let unique = safe
    for (let suffix = 2; used.has(unique); suffix++) unique = `${safe}_${suffix}`
    used.add(unique)
    if (unique !== id) {
      losses.add({
        parameter: 'messages.tool_call_id',
        kind: 'renamed',
        severity: 'minor',
        detail: 'a tool call id the provider would refuse was replaced, in call and result alike',
      })
    }
    return unique
  }
}
