const names = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
const foreign = new Map<string, string>()
for (const list of [
  'montag dienstag mittwoch donnerstag freitag samstag sonntag',
  'lundi mardi mercredi jeudi vendredi samedi dimanche',
  'lunes martes miércoles jueves viernes sábado domingo',
  'lunedì martedì mercoledì giovedì venerdì sabato domenica',
  'segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo',
  'maandag dinsdag woensdag donderdag vrijdag zaterdag zondag',
]) {
  for (const [at, name] of list.split(' ').entries()) foreign.set(name, names[at]!)
}

export const weekdayNames: readonly string[] = names
export const weekdayPattern = names.join('|')
export const foreignWeekdayPattern = [...foreign.keys()].join('|')
/** In English, of a name that the second pattern found. */
export const weekdayNamed = (name: string): string => foreign.get(name.toLowerCase())!
