import { DIRECTIONS, type Direction } from './travel.ts'

/** What keys do in the graph. */
export type GraphKey =
  | { readonly does: 'travel'; readonly direction: Direction }
  | { readonly does: 'open' | 'clear' | 'search' | 'fit' | 'fold' | 'dock' | 'zoom-in' | 'zoom-out' }

const ANYWHERE: Readonly<Record<string, GraphKey>> = {
  '/': { does: 'search' },
  '0': { does: 'fit' },
  f: { does: 'fold' },
  t: { does: 'dock' },
  '+': { does: 'zoom-in' },
  '=': { does: 'zoom-in' },
  '-': { does: 'zoom-out' },
}

/** Undefined for keys that belong to somebody else: where one types, in dialogs and menus, in other parts. */
export function graphKey(event: KeyboardEvent): GraphKey | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return undefined
  const at = event.target instanceof Element ? event.target : document.body
  if (at.closest('input, textarea, select, [contenteditable], .xterm, [role=dialog], [role=menu]') !== null)
    return undefined
  const anywhere = ANYWHERE[event.key.toLowerCase()]
  if (anywhere !== undefined) return anywhere
  const isNowhere = at === document.body || at.id === 'content'
  const isCard = at.closest('[data-unit]') !== null
  if (!isNowhere && !isCard) return undefined
  const direction = DIRECTIONS[event.key]
  if (direction !== undefined) return { does: 'travel', direction }
  if (event.key === 'Escape') return { does: 'clear' }
  return isCard && event.key === 'Enter' ? { does: 'open' } : undefined
}
