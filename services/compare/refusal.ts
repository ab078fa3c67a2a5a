import { type Answer } from '../../shared/contracts/answer.ts'

const maxRefusalChars = 600

const decline =
  /^(?:(?:i['’]?m|i am) (?:very |really |truly )?sorry|sorry|apologies|i apologi[sz]e|unfortunately)?[\s,.;:—–-]*(?:but )?(?:as an ai(?: language)?(?: model| assistant)?[\s,]*)?(?:i|we) (?:can['’]?t|cannot|can not|won['’]?t|will not|am unable to|['’]m unable to|am not able to|['’]m not able to|must decline to|am not allowed to) (?:assist|help(?: you)?(?: with| create| make| write)?|comply|fulfil+|engage|discuss|support|provide|answer|do|create|generate|write) ?(?:with |to |in )?(?:(?:that|this|such|your|these|those|it|the requested)\b|\.|$)/i

const others: readonly RegExp[] = [
  /^(?:(?:i['’]?m|i am) sorry[\s,.]*(?:but )?)?(?:i|we) (?:must|have to|need to|would) (?:respectfully |politely |unfortunately )?decline\b/i,
  /^(?:i['’]?m|i am) afraid[\s,]*(?:that )?(?:i (?:can['’]?t|cannot) (?:help|assist|answer|do)|(?:that|this)(?:['’]s| is) (?:not )?something (?:that )?i (?:can|can['’]?t|cannot) (?:help|assist|do|answer))/i,
  /^i(?:['’]d| would) (?:rather|prefer) not\b/i,
  /^(?:(?:es )?tut mir (?:sehr )?leid|entschuldigung)?[\s,.!]*(?:aber )?(?:leider )?(?:(?:dabei|damit|hierbei|das) kann ich|ich kann|kann ich)(?: ihnen| dir)?(?: leider)?(?: dabei| damit| hierbei| bei dieser anfrage)? nicht (?:weiter)?(?:helfen|beantworten)\b/i,
  /^lo siento[\s,.]*(?:pero )?no puedo (?:ayudar|asistir|cumplir|responder)/i,
  /^(?:(?:je suis )?désolée?|je regrette)[\s,.]*(?:mais )?je ne peux pas (?:vous |t['’])?(?:aider|répondre|assister)/i,
]

/** One sentence that says only that there is nothing to say. */
const emptyHanded =
  /^(?:(?:i['’]?m|i am) sorry[\s,.]*(?:but )?)?(?:as an ai(?: language)?(?: model| assistant)?[\s,]*)?(?:i|we) (?:do not|don['’]t) have (?:(?:enough|any|the|sufficient) )*(?:access to (?:that|this|such|the|any) )?(?:information|context|details)\b[^.!?\n]*[.!]?$/i

/**
 * Did the model decline? By the provider's word, or by an answer that says so in its first sentence and is little else.
 * Only set phrases are known, of English and a few of German, Spanish and French: a refusal in other words passes as an
 * answer, and is left to the rungs below.
 */
export function isRefusal(answer: Answer): boolean {
  if (answer.outcome === 'refused') return true
  const text = answer.text.trim()
  if (answer.toolCalls.length > 0 || text.length > maxRefusalChars) return false
  return [decline, emptyHanded, ...others].some((phrase) => phrase.test(text))
}
