import { type AnswerPatch } from '../../../../../shared/contracts/exchange-view.ts'

const words = { add: 'added', remove: 'missing', replace: 'changed' } as const

/** JSON against JSON, field by field. */
export function Patch({ patch, arm }: { patch: AnswerPatch; arm: string }) {
  if (patch.operations.length === 0) return <p className="soft">The documents are the same, field by field.</p>
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label="JSON by field">
      <table>
        <thead>
          <tr>
            <th scope="col">Field{patch.of === 'tools' ? ' of the tool calls' : ''}</th>
            <th scope="col">What happened</th>
            <th scope="col">Served</th>
            <th scope="col">{arm}</th>
          </tr>
        </thead>
        <tbody>
          {patch.operations.map(({ op, path, served, value }) => (
            <tr key={`${op} ${path}`}>
              <td>
                <code>{path === '' ? '/' : path}</code>
              </td>
              <td>{words[op]}</td>
              <td className="answer">{served !== undefined && <del dir="auto">{JSON.stringify(served)}</del>}</td>
              <td className="answer">
                {op !== 'remove' && value !== undefined && <ins dir="auto">{JSON.stringify(value)}</ins>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {patch.cut && <p className="soft small">There are more; these are the first.</p>}
    </div>
  )
}
