import { wordTable } from '../text/vocabulary.ts'
import { stem } from './words.ts'

/** One meaning a line, its sides parted by `/`: put in one another's place, words of two sides turn a sentence round. */
const lines = `
before / after
above / below
over / under
inside / outside
left / right
up / down
on / off
in / out
north / south / east / west
first / last
first / second / third / fourth / fifth / sixth / seventh / eighth / ninth / tenth
cheap cheaper cheapest / expensive costly dearer
fast faster fastest quick quicker / slow slower slowest
earlier / later
start begin / end finish stop
open / close closed shut
increase increased increases rise rises rose raise raised grow grew higher / decrease decreased decreases fall falls fell lower lowered reduce reduced drop dropped
more most / less least fewer fewest
maximum max / minimum min
accept accepted accepts / refuse refused refuses reject rejected rejects decline declined declines
approve approved / deny denied reject rejected
allow allowed permit permitted / forbid forbidden prohibit prohibited block blocked
include included includes / exclude excluded excludes
enable enabled activate activated / disable disabled deactivate deactivated
success succeed succeeded succeeds successful / failure fail failed fails
valid / invalid expired
legal / illegal
safe / unsafe dangerous
hot warm / cold
true / false
positive / negative
required mandatory must / optional may
free / paid chargeable
public / private
internal / external
online / offline
upload / download
import / export
encrypt / decrypt
buy buyer / sell seller
sender / recipient
debit / credit
deposit / withdraw
profit gain / loss
win won / lose lost
arrive arrives arrival / depart departs departure
daily / weekly / monthly / yearly annually
morning / afternoon / evening
secret confidential / public
clockwise / anticlockwise counterclockwise
except excluding / including
once / twice / thrice
inclusive / exclusive
net / gross
correct right / incorrect wrong
present / absent
black / white / red / green / blue / yellow / orange / purple / brown / grey gray
vor / nach
avant / après
antes / después
avec / sans
con / sin
mit / ohne
mehr / weniger
plus / moins
más / menos
oben / unten
links / rechts
erste ersten erster / zweite zweiten zweiter / dritte dritten dritter / vierte vierten vierter / fünfte fünften fünfter
billiger günstiger / teurer
erlaubt gestattet zulässig / verboten untersagt unzulässig
premier première / deuxième / troisième / quatrième
autorisé / interdit
primero primer primera / segundo segunda / tercero tercer tercera / cuarto cuarta
permitido / prohibido`

type Sided = { meaning: number; side: number }

const sided = new Map<string, Sided[]>()
for (const [meaning, line] of lines.trim().split('\n').entries()) {
  for (const [side, words] of line.split(' / ').entries()) {
    for (const word of words.split(' ')) sided.set(stem(word), [...(sided.get(stem(word)) ?? []), { meaning, side }])
  }
}
const sides = [...sided.values()]
const places = new Map([...sided.keys()].map((word, place) => [word, place]))
/** Where in `sides` a stem is told of; -1: nowhere. */
const placeOf = wordTable((word) => places.get(word) ?? -1)

/** Do two stems stand on different sides of one meaning? */
export function areOpposite(left: number, right: number): boolean {
  const [one, other] = [placeOf(left), placeOf(right)]
  if (one === -1 || other === -1) return false
  return sides[one]!.some(({ meaning, side }) =>
    sides[other]!.some((each) => each.meaning === meaning && each.side !== side),
  )
}

export const hasOpposite = (stem: number): boolean => placeOf(stem) !== -1
