import { type ReactNode, useId } from 'react'
import { Hint } from './hint.tsx'

/** One subject of a page, with the method behind its title. */
export function Part({
  title,
  hint,
  end,
  children,
}: {
  title: string
  hint?: string
  end?: ReactNode
  children: ReactNode
}) {
  const id = useId()
  return (
    <section className="card" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {hint !== undefined && (
          <span className="small soft">
            <Hint text={hint}>how this is meant</Hint>
          </span>
        )}
        {end !== undefined && <span className="end">{end}</span>}
      </header>
      {children}
    </section>
  )
}
