import { type Verdict } from '../../../shared/contracts/verdict.ts'
import { count } from '../words.ts'
import { type SectionOf } from './section.ts'

type Incident = Verdict['incidents'][number]

const treatments: Record<Incident['treatment'], string> = {
  left_out: 'left out for both arms',
  not_towards_no_go: 'counts against GO, not towards NO-GO',
  counted: 'counts in full',
}
const shownIncidents = 20

/** When an arm failed for minutes on end, and what was done about it. */
export const incidents: SectionOf = ({ incidents: all, candidate }) => {
  if (all.length === 0) return null
  const longest = all.toSorted((a, b) => b.minutes - a.minutes).slice(0, shownIncidents)
  return {
    title: 'Incidents',
    sentences: [
      `More than a fifth of an arm’s requests failed, for five minutes and longer: ${totals(all, candidate)}.`,
      ...(all.some(({ treatment }) => treatment === 'left_out')
        ? [
            'While the control failed, no gate holds the candidate against it: its failures are no merit of the candidate’s.',
          ]
        : []),
      ...ofCandidate(all, candidate),
      ...(all.length > shownIncidents ? [`The ${shownIncidents} longest:`] : []),
    ],
    table: {
      columns: [
        { title: 'arm' },
        { title: 'from (UTC)' },
        { title: 'minutes', isNumber: true },
        { title: 'exchanges', isNumber: true },
        { title: 'failed', isNumber: true },
        { title: 'what was done' },
      ],
      rows: longest.map(({ arm, from, minutes, exchanges, failures, treatment }) => [
        arm === 'control' ? arm : candidate,
        from.slice(0, 16).replace('T', ' '),
        count(minutes),
        count(exchanges),
        count(failures),
        treatments[treatment],
      ]),
    },
  }
}

function totals(all: readonly Incident[], candidate: string): string {
  const minutesOf = (arm: Incident['arm']) =>
    all.filter((incident) => incident.arm === arm).reduce((sum, { minutes }) => sum + minutes, 0)
  return `${count(minutesOf('control'))} minutes of the control, ${count(minutesOf('candidate'))} of ${candidate}`
}

function ofCandidate(all: readonly Incident[], candidate: string): string[] {
  const treatment = all.find(({ arm }) => arm === 'candidate')?.treatment
  if (treatment === 'not_towards_no_go') {
    return [
      `The failures of ${candidate} stay in everything that leads to GO. They alone do not make a NO-GO, as long as they are within 5 % of the exchanges.`,
    ]
  }
  return treatment === 'counted'
    ? [`${candidate} failed in bursts on more than 5 % of the exchanges: that is no incident, and nothing is excused.`]
    : []
}
