import { type RefObject, useEffect, useRef } from 'react'
import { preferences, setPreference } from '../../state/preferences.ts'
import { tell } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import { type HouseParts, nextNeedingYou, select } from './houseState.ts'
import { words } from './words.ts'

/** `l` changes between seats and list, `n` goes to the next that needs a person: wherever nothing else has the keys. */
export function useHouseKeys(parts: HouseParts): RefObject<HTMLDivElement | null> {
  const root = useRef<HTMLDivElement>(null)
  const w = useWords(words)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
      const { target } = event
      const ours = target === document.body || (target instanceof Node && root.current?.contains(target))
      if (!ours && !(target instanceof Element && target.id === 'content')) return
      if (event.key === 'l') toggleList(root.current)
      else if (event.key === 'n') {
        const task = nextNeedingYou(parts)
        if (task === undefined) tell(w.nobody)
        else {
          parts.store.setState({ active: task, quiet: false })
          select(parts, task)
          focusSeats(root.current)
        }
      } else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [parts, w])
  return root
}

function toggleList(root: HTMLElement | null): void {
  setPreference('house', preferences.getState().house === 'seats' ? 'list' : 'seats')
  // After the other one has taken its place.
  requestAnimationFrame(() => focusSeats(root))
}

function focusSeats(root: HTMLElement | null): void {
  root?.querySelector<HTMLElement>('[role="listbox"]')?.focus({ preventScroll: true })
}
