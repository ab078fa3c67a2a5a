import { type Section } from '../../../sections/section.ts'

/** Tables and sentences just as every other format of the report has them. */
export function Sections({ sections }: { sections: readonly Section[] }) {
  return sections.map(({ title, sentences, table }) => (
    <section key={title} className="plain-section">
      <h3>{title}</h3>
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {table !== null && (
        <div className="scroll-x" tabIndex={0} role="region" aria-label={title}>
          <table>
            <thead>
              <tr>
                {table.columns.map((column) => (
                  <th key={column.title} scope="col" className={column.isNumber ? 'number' : ''}>
                    {column.title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((row, at) => (
                <tr key={`${at} ${row[0]}`}>
                  {row.map((text, column) => (
                    <td key={table.columns[column]?.title} className={table.columns[column]?.isNumber ? 'number' : ''}>
                      {text}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  ))
}
