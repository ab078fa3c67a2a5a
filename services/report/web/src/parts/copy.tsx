import { useState } from 'react'

/** Puts `text` on the clipboard; without one it is shown to be copied by hand. */
export function Copy({
  text,
  what,
  label = 'Copy',
  isShown = false,
}: {
  text: string
  what: string
  label?: string
  isShown?: boolean
}) {
  const [state, setState] = useState<'idle' | 'done' | 'by hand'>('idle')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setState('done')
      setTimeout(() => setState('idle'), 1_500)
    } catch {
      setState('by hand')
    }
  }
  return (
    <span className={isShown ? 'copy shown' : 'copy'}>
      {isShown && <code>{text}</code>}
      <button className="button" type="button" onClick={() => void copy()}>
        {state === 'done' ? 'Copied' : label}
        <span className="unseen">: {what}</span>
      </button>
      <span className="unseen" role="status">
        {state === 'done' ? `Copied ${what}` : ''}
      </span>
      {state === 'by hand' && (
        <textarea
          className="field by-hand"
          readOnly
          value={text}
          aria-label={`${what}, to copy by hand`}
          autoFocus
          onFocus={(event) => event.currentTarget.select()}
        />
      )}
    </span>
  )
}
