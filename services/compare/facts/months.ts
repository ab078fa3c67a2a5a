const months = 'january february march april may june july august september october november december'.split(' ')
const foreignMonths = new Map<string, number>()
for (const list of [
  'januar februar märz april mai juni juli august september oktober november dezember',
  'janvier février mars avril mai juin juillet août septembre octobre novembre décembre',
  'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
  'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre',
  'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro',
  'januari februari maart april mei juni juli augustus september oktober november december',
  'stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia',
]) {
  for (const [at, name] of list.split(' ').entries()) foreignMonths.set(name, at + 1)
}

/** English names, whole or short. */
export const monthPattern = months
  .map((name) => (name === 'may' ? name : `${name.slice(0, 3)}(?:t|${name.slice(3)})?`))
  .join('|')
/** The same, each in lower case. */
export const monthForms: ReadonlySet<string> = new Set(
  months.flatMap((name) => (name === 'may' ? [name] : [name.slice(0, 3), `${name.slice(0, 3)}t`, name])),
)
export const foreignMonthPattern = [...foreignMonths.keys()].join('|')

const byBeginning = new Map(months.map((name, at) => [name.slice(0, 3), at + 1]))
/** 0: none, for letters that are those of a month only as case is ignored. */
export const monthNumber = (name: string): number => byBeginning.get(name.slice(0, 3).toLowerCase()) ?? 0
export const foreignMonthNumber = (name: string): number => foreignMonths.get(name.toLowerCase())!
