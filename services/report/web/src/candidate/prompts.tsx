import { type PromptFacts } from '../../../../../shared/contracts/report.ts'
import { counted, percent } from '../../../words.ts'
import { Part } from '../parts/part.tsx'
import { href } from '../route.ts'

const groups: { effort: PromptFacts['effort']; title: string; words: string }[] = [
  { effort: 'rework', title: 'Rework', words: 'loses more than three times the margin' },
  { effort: 'minor', title: 'Minor changes', words: 'loses up to three times the margin' },
  { effort: 'as_is', title: 'Works as it is', words: 'loses no more than the margin' },
  { effort: 'too_few', title: 'Too few to tell', words: 'under 30 exchanges' },
]

/** What moving would take, prompt by prompt. */
export function Prompts({ prompts, candidate }: { prompts: readonly PromptFacts[]; candidate: string }) {
  return (
    <Part
      title="What moving would take, by prompt"
      hint="By system prompt where one was seen 30 times, else by route. An estimate to plan work by: the verdict does not rest on it."
    >
      <div className="efforts">
        {groups
          .map((group) => ({ ...group, prompts: prompts.filter(({ effort }) => effort === group.effort) }))
          .filter((group) => group.prompts.length > 0)
          .map((group) => (
            <div key={group.effort} className={`effort ${group.effort}`}>
              <h3>
                {group.title} <span className="soft">{group.prompts.length}</span>
              </h3>
              <p className="soft small">{group.words}</p>
              <ul>
                {group.prompts.map((prompt) => (
                  <li key={`${prompt.route} ${prompt.promptId}`}>
                    <a href={href(['pairs'], { candidate, route: prompt.route, sort: 'worst' })}>{prompt.route}</a>
                    {prompt.promptId !== null && <code className="soft"> {prompt.promptId.slice(0, 8)}</code>}
                    <div className="soft small">
                      {prompt.effort === 'too_few'
                        ? counted(prompt.exchanges, 'exchange')
                        : `worse on ${percent(prompt.worseShare)} of ${counted(prompt.exchanges, 'exchange')}${prompt.mostlyBy === null ? '' : `, mostly by ${prompt.mostlyBy}`}`}
                      {prompt.example !== null && (
                        <>
                          {' · '}
                          <a href={href(['pairs', prompt.example], { candidate })}>an example</a>
                        </>
                      )}
                    </div>
                  </li>
                ))}
              </ul>
            </div>
          ))}
      </div>
    </Part>
  )
}
