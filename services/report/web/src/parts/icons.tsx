import { type ReactNode } from 'react'

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

export const Mark = () => (
  <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
    <rect width="32" height="32" rx="8" fill="var(--accent)" />
    <path d="M9 8v9a7 7 0 0 0 14 0V8" fill="none" stroke="var(--card)" strokeWidth="3.2" strokeLinecap="round" />
    <path d="M16 8v9" fill="none" stroke="var(--card)" strokeWidth="3.2" strokeLinecap="round" opacity=".55" />
  </svg>
)

export const OverviewIcon = () => (
  <Icon>
    <rect x="2" y="2" width="5" height="5" rx="1.2" />
    <rect x="9" y="2" width="5" height="5" rx="1.2" />
    <rect x="2" y="9" width="5" height="5" rx="1.2" />
    <rect x="9" y="9" width="5" height="5" rx="1.2" />
  </Icon>
)

export const PairsIcon = () => (
  <Icon>
    <rect x="1.8" y="2.5" width="5" height="11" rx="1.2" />
    <rect x="9.2" y="2.5" width="5" height="11" rx="1.2" />
  </Icon>
)

export const ReviewIcon = () => (
  <Icon>
    <path d="M2 8.5l3 3 4-6" />
    <path d="M10.5 11.5h3.5M11.5 7.5H14M12.5 3.5H14" />
  </Icon>
)

export const GoldenIcon = () => (
  <Icon>
    <path d="M8 1.8l1.9 3.9 4.3.6-3.1 3 .7 4.3L8 11.6l-3.8 2 .7-4.3-3.1-3 4.3-.6z" />
  </Icon>
)

export const Check = () => (
  <Icon>
    <circle cx="8" cy="8" r="6.2" />
    <path d="M5.3 8.2l1.9 1.9 3.6-4" />
  </Icon>
)

export const Cross = () => (
  <Icon>
    <rect x="2" y="2" width="12" height="12" rx="2.2" />
    <path d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4" />
  </Icon>
)

export const Unequal = () => (
  <Icon>
    <circle cx="8" cy="8" r="6.2" />
    <path d="M5.4 6.6h5.2M5.4 9.4h5.2M9.6 4.8L6.4 11.2" />
  </Icon>
)

export const Waiting = () => (
  <Icon>
    <circle cx="8" cy="8" r="6.2" strokeDasharray="2.6 2.3" />
    <path d="M8 4.8V8l2.2 1.6" />
  </Icon>
)
