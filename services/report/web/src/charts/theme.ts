import { useSyncExternalStore } from 'react'

/** Colours of the style sheet, for what is drawn on a canvas. */
export type Theme = Record<
  'ink' | 'soft' | 'line' | 'card' | 'candidate' | 'control' | 'served' | 'go' | 'no' | 'wait',
  string
>

const names = ['ink', 'soft', 'line', 'card', 'candidate', 'control', 'served', 'go', 'no', 'wait'] as const
const dark = window.matchMedia('(prefers-color-scheme: dark)')

export function useTheme(): Theme {
  useSyncExternalStore(
    (changed) => {
      dark.addEventListener('change', changed)
      return () => dark.removeEventListener('change', changed)
    },
    () => dark.matches,
  )
  const style = getComputedStyle(document.documentElement)
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Theme
}
