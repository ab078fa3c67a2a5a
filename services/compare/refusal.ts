import { type Answer } from '../../shared/contracts/answer.ts'

const maxRefusalChars = 600

const decline =
  /^(?:(?:i['’]?m|i am) (?:very |really |truly )?sorry|sorry|apologies|i apologi[sz]e|unfortunately)?[\s,.;:—–-]*(?:but )?(?:as an ai(?: language)?(?: model| assistant)?[\s,]*)?(?:i|we) (?:can['’]?t|cannot|can not|won['’]?t|will not|am unable to|['’]m unable to|am not able to|['’]m not able to|must decline to|am not allowed to) (?:assist|help(?: you)?(?: with| create| make| write)?|comply|fulfil+|engage|discuss|support|provide|answer|do|create|generate|write) ?(?:with |to |in )?(?:(?:that|this|such|your|these|those|it|the requested)\b|\.|$)/i

/** `I am not able to give out personal data`: what is declined is named, and it is something to say or make, not to do. */
const declineTo =
  /^(?:(?:i['’]?m|i am) (?:very |really |truly |afraid )?(?:sorry)?|sorry|apologies|unfortunately)[\s,.;:—–-]*(?:but |that )?(?:i|we)(?:['’]m| am|['’]re| are)? (?:can['’]?t|cannot|can not|won['’]?t|not able to|unable to|not allowed to|not permitted to) (?:share|disclose|reveal|give out|discuss|write|generate|produce|help|assist|advise|comment) \S/i

const others: readonly RegExp[] = [
  /^(?:(?:i['’]?m|i am) sorry[\s,.]*(?:but )?)?(?:i|we) (?:must|have to|need to|would) (?:respectfully |politely |unfortunately )?decline\b/i,
  /^(?:i['’]?m|i am) afraid[\s,]*(?:that )?(?:i (?:can['’]?t|cannot) (?:help|assist|answer|do)|(?:that|this)(?:['’]s| is) (?:not )?something (?:that )?i (?:can|can['’]?t|cannot) (?:help|assist|do|answer))/i,
  /^i(?:['’]d| would) (?:rather|prefer) not\b/i,
  // German
  /^(?:(?:es )?tut mir (?:sehr )?leid|entschuldigung)?[\s,.!]*(?:aber )?(?:leider )?(?:(?:dabei|damit|hierbei|das|diese (?:frage|anfrage)) (?:kann|darf) ich|ich (?:kann|darf)|(?:kann|darf) ich)(?: ihnen| dir)?(?: leider)?(?: dabei| damit| hierbei| dazu| bei dieser anfrage| diese (?:frage|anfrage))? (?:nicht|keine) (?:weiter)?(?:helfen|beantworten|behilflich|auskunft|auskünfte|angaben)\b/i,
  // Spanish
  /^(?:lo siento|lamentablemente|disculpe?)[\s,.]*(?:pero )?no (?:puedo|me es posible) (?:ayudar|asistir|cumplir|responder|proporcionar|compartir|dar|ofrecer)/i,
  // French
  /^(?:(?:je suis )?(?:vraiment )?désolée?|je regrette|malheureusement)[\s,.]*(?:mais )?(?:je ne (?:peux|suis) pas|il m['’]est impossible de)(?: en mesure de?)? ?(?:vous |t['’])?(?:aider|répondre|assister|fournir|communiquer|partager|donner)/i,
  // Italian
  /^(?:mi dispiace|purtroppo|spiacente)[\s,.]*(?:ma )?non (?:posso|sono in grado di) (?:aiutar|assister|risponder|fornir|condivider|soddisfar)/i,
  // Portuguese
  /^(?:desculpe|sinto muito|lamento|infelizmente)[\s,.]*(?:mas )?(?:eu )?não (?:posso|consigo) (?:ajudar|responder|atender|fornecer|compartilhar|auxiliar)/i,
  // Dutch
  /^(?:het spijt me|sorry|helaas)[\s,.]*(?:maar )?(?:ik kan|kan ik)(?: u| je)?(?: daar| daarmee| hier| hiermee| hierbij)?(?: niet| geen)(?: mee| bij)? (?:helpen|beantwoorden|verstrekken|delen)/i,
  // Polish
  /^(?:przykro mi|przepraszam|niestety)[\s,.]*(?:ale )?nie (?:mogę|jestem w stanie) (?:w tym |ci |panu |pani )*(?:pomóc|odpowiedzieć|udostępnić|udzielić|spełnić)/i,
  // Swedish, Danish, Norwegian
  /^(?:tyvärr|jag är ledsen|beklager|desværre)[\s,.]*(?:men )?(?:jag kan|kan jag|jeg kan|kan jeg)(?: inte| ikke) (?:hjälpa|hjælpe|hjelpe|svara|svare|besvara|besvare)/i,
  // Turkish
  /^(?:üzgünüm|maalesef)[\s,.]*(?:ama |ancak )?(?:bu (?:konuda|isteğe|soruya) )?(?:size )?(?:yardımcı olamam|yardım edemem|yanıt veremem|cevap veremem)/i,
  // Russian
  /^(?:извините|к сожалению|простите)[\s,.]*(?:но )?я не (?:могу|имею возможности) (?:вам )?(?:с этим |в этом )?(?:помочь|ответить|предоставить|выполнить)/i,
  // Japanese
  /^(?:申し訳(?:ありません|ございません|ない(?:です)?)|すみません|恐れ入りますが|残念ながら)[、。がけど]*\s*.{0,40}(?:お(?:手伝い|答え|応え|教え|力添え)|回答|提供|開示|対応)(?:は|を|することは)?(?:でき(?:ません|かねます)|いたしかねます|しかねます)/u,
  // Chinese
  /^(?:很?抱歉|对不起|對不起|非常抱歉|不好意思)[，,。]*\s*(?:但|但是)?我(?:无法|不能|無法|沒辦法|没办法)(?:为您|为你|向您|向你|您|你)?(?:提供|回答|帮助|協助|协助|满足|分享|透露|处理)/u,
  // Korean
  /^(?:죄송(?:합니다|하지만)|미안하지만|유감스럽지만)[만,.]*\s*.{0,40}(?:도와\s?드릴|답변(?:해 드릴|할|드릴)|제공(?:해 드릴|할)|알려\s?드릴) 수 없/u,
]

/** One sentence that says only that there is nothing to say. */
const emptyHanded =
  /^(?:(?:i['’]?m|i am) sorry[\s,.]*(?:but )?)?(?:as an ai(?: language)?(?: model| assistant)?[\s,]*)?(?:i|we) (?:do not|don['’]t) have (?:(?:enough|any|the|sufficient) )*(?:access to (?:that|this|such|the|any) )?(?:information|context|details)\b[^.!?\n]*[.!]?$/i

/**
 * Did the model decline? By the provider's word, or by an answer that says so in its first sentence and is little else.
 * Only set phrases are known, most of them of English: a refusal in other words passes as an answer, and is left to the rungs
 * below. Regret that comes with something else (`I’m sorry, but I can’t find your order`) is none.
 */
export function isRefusal(answer: Answer): boolean {
  if (answer.outcome === 'refused') return true
  const text = answer.text.trim()
  if (answer.toolCalls.length > 0 || text.length > maxRefusalChars) return false
  return [decline, declineTo, emptyHanded, ...others].some((phrase) => phrase.test(text))
}
