import { type ReactNode, useId } from 'react'

/** A plain word with the method behind it on hover, focus, and for screen readers. */
export function Hint({ children, text }: { children: ReactNode; text: string }) {
  const id = useId()
  return (
    <span className="hinted" tabIndex={0} aria-describedby={id}>
      <span className="hint">{children}</span>
      <span className="bubble" role="tooltip" id={id}>
        {text}
      </span>
    </span>
  )
}
