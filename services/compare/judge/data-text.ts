/** A text as it may stand in a judge's prompt. */
export type DataText = { text: string; isCut: boolean }

/**
 * Harmless to whoever reads it as data: no characters that a person would not see, nothing that looks like our markers or like
 * the turns of a chat, no sentence that tells a judge what to choose. Longer texts keep their beginning and their end.
 */
export function asData(text: string, mostChars: number): DataText {
  // Cut first: a text of megabytes is not worth searching.
  const { text: kept, isCut } = cutMiddle(text.toWellFormed(), mostChars)
  return { text: withoutAddress(withoutMarks(withoutUnseen(kept))), isCut }
}

/** Two thirds of what may stay are the beginning: answers begin with what matters. */
function cutMiddle(text: string, mostChars: number): DataText {
  if (text.length <= mostChars) return { text, isCut: false }
  const head = Math.ceil((mostChars * 2) / 3)
  const tail = mostChars - head
  const left = text.length - head - tail
  const cut = `${text.slice(0, head)}\n[… ${left} characters left out …]\n${text.slice(text.length - tail)}`
  return { text: cut.toWellFormed(), isCut: true }
}

/** Control characters but line ends and tabs; format characters but the joiners, which scripts and emoji need. */
function withoutUnseen(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
    .replaceAll(/[^\P{Cf}\u{200C}\u{200D}]/gu, '')
}

function withoutMarks(text: string): string {
  return (
    text
      // Our markers are lines of three and more; NFKC would fold the wide forms to them.
      .replaceAll(/[<＜‹⟨《]{3,}/g, '<<')
      .replaceAll(/[>＞›⟩》]{3,}/g, '>>')
      .replaceAll('<|', '< |')
      .replaceAll('|>', '| >')
      .replaceAll(/\[(\/?)INST\]/gi, '[ $1INST ]')
      .replaceAll(/<(<\/?SYS>)>/gi, '< $1 >')
  )
}

const removed = '[… removed …]'

/** Sentences of the kinds that are known to move judges. Both answers are treated alike, so a false alarm favours neither. */
const address: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:above|previous|prior|preceding|earlier|instructions?|rubric|prompt)\b[^.!?\n]*[.!?]?/gi,
  /\b(?:choose|pick|select|prefer|vote(?: for)?|declare|rate|rank|score|judge)\b[^.!?\n]{0,30}\b(?:(?:answer|response|option|assistant|candidate|slot) ?(?:A|B|1|2|one|two)|(?:first|second|this|my) (?:answer|response|option|one)|as (?:the )?(?:winner|best|better))(?!\w)[^.!?\n]*[.!?]?/gi,
  /(?:^|[\n,;:(] ?)(?:choose|pick|select|prefer|vote(?: for)?) (?:A|B)(?![\w'’])[^.!?\n]*[.!?]?/gm,
  /\b(?:dear |attention,? |note to (?:the )?|as (?:the )?)?(?:judge|evaluator|grader)s?\b[^.!?\n]{0,60}\b(?:must|should|please|winner|tie|better|best)\b[^.!?\n]*[.!?]?/gi,
  /"winner"\s*:\s*"[^"\n]*"/gi,
]

function withoutAddress(text: string): string {
  return address.reduce((left, pattern) => left.replaceAll(pattern, removed), text)
}
