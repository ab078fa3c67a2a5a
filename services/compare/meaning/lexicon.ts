import { stem } from '../facts/words.ts'
import { wordTable } from '../text/vocabulary.ts'

const listed = (text: string): string[] => text.trim().split(/\s+/)

/** Is a word in this list? */
function among(text: string): (word: number) => boolean {
  const words = new Set(listed(text))
  const table = wordTable((word) => (words.has(word) ? 1 : 0))
  return (word) => table(word) === 1
}

/** Words that carry no statement of their own, besides those of `facts/words.ts`. */
const light = new Set(
  listed(`
  please kindly simply just really very quite actually currently now here there also too well great good sure okay ok
  find found see look looks looking seem seems use using take takes need needs want wants like able want come comes go
  have has had having get gets got give gives given let make makes made know note order_to thank thanks hello hi dear
  hey welcome happy glad help helps sorry apology unfortunate inconvenience wait delay tell say says said ask about roughly
  approximately around mainly main driven according because since so therefore however still already again finally first
  second next then when while once after_that until would could should cause touch reach out message news degrees
  der die das den dem des ein eine einen einem einer eines und oder aber ist sind war wird werden wurde haben hat ich sie wir
  ihr ihre ihren ihrem ihnen uns unser unsere mit für auf an am im in zu zum zur bei von vom aus nach über es bitte man dass
  können kann sich so auch noch schon hier da
  le la les l un une des du de d et ou mais est sont était sera seront a ont vous votre vos nous notre nos je il elle on ce
  cette ces en au aux dans sur pour par avec qui que se sa son ses s y
  el los las una uno unos unas del al y o pero es son fue será serán ha han usted su sus nos nuestro nuestra lo se por para con
  que en de muy le les`),
)

/** One meaning a line. */
const synonyms = `
photo picture image photograph snapshot
apologise apologize sorry apology
purchase buy bought
arrive come delivered delivery deliver
ship shipped dispatch dispatched sent send
expect expected
increase increased rise rises rose grew grow risen
decrease decreased fall fell drop dropped decline
restart reboot
device machine unit
click tap press choose select pick
cancel cancelled canceled
rent loyer mensual
hour hours
start begin starts begins commence
end ends finish finishes close closes
book booked reserve reserved
answer reply respond
buyer purchaser
item product article
cost costs price fee
quickly fast soon
issue issued process processed
update updated change changed
fix fixes repair repairs
mail email
damage damaged broken
widely commonly
return returned returns
altitude altitudes
lower below`
  .trim()
  .split('\n')
  .map(listed)

const folded = new Map<string, string>()
for (const [meaning, words] of synonyms.entries()) {
  for (const word of words) if (!folded.has(stem(word))) folded.set(stem(word), `=${meaning}`)
}

/** The same for words of one meaning, as far as we know any. */
export const meaningOf = (word: string): string => folded.get(stem(word)) ?? stem(word)

export const isLight = (word: string): boolean => light.has(word)

/** What a sentence warns of: it may not be lost. */
export const isCaveat = among(`
  not never no without dont cannot cant only unless except excluding provided warning caution careful
  avoid risk danger dangerous beware important attention deletes delete
  nicht nie kein keine nur sofern außer ausgenommen achtung vorsicht warnung
  pas jamais sauf seulement uniquement attention sans
  no nunca solo sólo salvo excepto siempre cuidado`)

/** What a part of a sentence hangs on. */
export const isCondition =
  among(`only unless except excluding provided if nur sofern wenn außer ausgenommen falls sauf seulement uniquement solo sólo
  salvo excepto`)

/** What binds whoever says it: it may not be added. Refunds and the like are seen by `facts/promises.ts`. */
export const isCommitment = among(`
  free guarantee guaranteed guarantees approve approved granted waive waived unlimited certified
  kostenlos gratis garantiert garantieren genehmigt gratuit gratuitement garanti garantie approuvé gratuito garantizado
  aprobado`)

export const isHedge = among(`may might could possibly perhaps probably likely up should usually often can
  vielleicht möglicherweise könnte peut-être pourrait quizás podría`)
export const isCertainty = among(
  `will guaranteed guarantee certainly definitely always garantiert sicher certainement siempre`,
)

/** How many or how often, one meaning a line: put in one another's place, they make another statement. */
const quantities = `
all every each both alle jeder jede jedes tous toutes chaque todos todas cada
some few several einige manche quelques algunos algunas
most
none neither
half
always immer toujours siempre
usually often oft souvent
sometimes rarely manchmal parfois veces`
const quantifiers = new Map(
  quantities
    .trim()
    .split('\n')
    .flatMap((line, at) => listed(line).map((word): [string, number] => [word, at])),
)
export const noQuantity = -1
/** The line of a word among the quantities. */
export const quantityOf = wordTable((word) => quantifiers.get(word) ?? noQuantity)

/** Both sides of it may stand in either order. */
export const isJoiner = among(`and or und oder et ou y e o`)

/** A bound set on a number, told by the words around it. */
const bounds: [RegExp, string][] = [
  [
    /\b(?:no|not) (?:more|later) than$|\b(?:at most|up to|maximum(?: of)?|höchstens|bis zu|au plus|como máximo|within|a lo sumo)$/i,
    'at most',
  ],
  [
    /\b(?:no|not) (?:less|fewer|earlier) than$|\b(?:at least|minimum(?: of)?|mindestens|au moins|al menos|como mínimo)$/i,
    'at least',
  ],
  [/\b(?:more than|over|above|exceeding|mehr als|über|plus de|más de)$/i, 'more than'],
  [/\b(?:less than|fewer than|under|below|weniger als|unter|moins de|menos de)$/i, 'less than'],
]
const after: [RegExp, string][] = [
  [/^(?: \p{L}+){0,3} or (?:more|older|above)\b/iu, 'at least'],
  [/^(?: \p{L}+){0,3} or (?:less|fewer|younger|below)\b/iu, 'at most'],
]

export function boundAround(before: string, behind: string): string | null {
  const found = bounds.find(([pattern]) => pattern.test(before)) ?? after.find(([pattern]) => pattern.test(behind))
  return found?.[1] ?? null
}

/** May it be the last word before a number that a bound is told by? */
export const mayEndBound = (word: string): boolean =>
  /(?:than|most|to|maximum|of|höchstens|zu|plus|máximo|within|sumo|least|minimum|mindestens|moins|menos|mínimo|over|above|exceeding|als|über|de|under|below|unter)$/i.test(
    word,
  )
