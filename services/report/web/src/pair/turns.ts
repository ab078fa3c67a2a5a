export type Turn = { who: string; text: string }

/** What was said to the model, read from a request of any dialect; null where the body is nothing of the kind. */
export function turnsOf(bodyText: string): Turn[] | null {
  let body: unknown
  try {
    body = JSON.parse(bodyText)
  } catch {
    return null
  }
  if (!isRecord(body)) return null
  const first = textOf(body['system'] ?? body['instructions'])
  const said = body['messages'] ?? body['input'] ?? body['prompt']
  const turns = Array.isArray(said)
    ? said.map((each): Turn =>
        isRecord(each)
          ? { who: whoOf(each), text: textOf(each['content'] ?? each) }
          : { who: 'user', text: textOf(each) },
      )
    : said === undefined
      ? []
      : [{ who: 'user', text: textOf(said) }]
  const all = first === '' ? turns : [{ who: 'system', text: first }, ...turns]
  return all.length === 0 ? null : all
}

function whoOf(turn: Record<string, unknown>): string {
  return typeof turn['role'] === 'string'
    ? turn['role']
    : typeof turn['type'] === 'string'
      ? turn['type'].replaceAll('_', ' ')
      : 'user'
}

/** Texts as they are; everything else (pictures, calls, results) as its JSON. */
function textOf(content: unknown): string {
  if (content === undefined || content === null) return ''
  if (typeof content === 'string') return content
  if (Array.isArray(content)) return content.map(textOf).join('\n')
  if (isRecord(content) && typeof content['text'] === 'string') return content['text']
  return JSON.stringify(content, null, 2)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
