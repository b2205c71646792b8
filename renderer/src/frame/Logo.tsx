import type { ReactNode } from 'react'

/** The mark: three tiers around a stage. */
export function Logo({ size = 24 }: { readonly size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden>
      <path d="M2 18a10 10 0 0 1 20 0" stroke="var(--accent)" strokeWidth="2" strokeLinecap="round" />
      <path d="M6 18a6 6 0 0 1 12 0" stroke="var(--running)" strokeWidth="2" strokeLinecap="round" />
      <circle cx="12" cy="17" r="2" fill="var(--needs-you)" />
    </svg>
  )
}

export function HouseIcon({ size }: { readonly size: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden>
      <path d="M2 18a10 10 0 0 1 20 0M6.5 18a5.5 5.5 0 0 1 11 0M11 18a1 1 0 0 1 2 0" strokeLinecap="round" />
    </svg>
  )
}
