import { useEffect, useRef } from 'react'
import { currentPlace, navigate } from '../state/place.ts'
import { preferences, setPreference } from '../state/preferences.ts'
import { hasInspector } from './Inspector.tsx'
import { RAIL } from './Rail.tsx'

/** Keys that work everywhere but where somebody types: Ctrl+K (or ⌘K), Ctrl+I, Alt and a digit, Escape. */
export function useShortcuts(onPalette: () => void): void {
  const palette = useRef(onPalette)
  palette.current = onPalette
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return
      const control = event.ctrlKey || event.metaKey
      if (control && !event.shiftKey && event.key.toLowerCase() === 'k' && !inTerminal(event))
        palette.current()
      else if (control && event.shiftKey && event.key.toLowerCase() === 'k') palette.current()
      else if (control && event.key.toLowerCase() === 'i' && !isTyping(event)) {
        if (hasInspector(currentPlace().view)) setPreference('inspector', !preferences.getState().inspector)
      } else if (event.altKey && !control && /^Digit\d$/.test(event.code) && !inTerminal(event)) {
        navigate({ view: RAIL[(Number(event.code.slice(5)) + 9) % 10]![0] })
      } else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
}

function isTyping(event: KeyboardEvent): boolean {
  return (
    event.target instanceof Element && event.target.closest('input, textarea, [contenteditable]') !== null
  )
}

/** What is typed there belongs to the agent; Ctrl+Shift+K opens the palette there too. */
function inTerminal(event: KeyboardEvent): boolean {
  return event.target instanceof Element && event.target.closest('.xterm') !== null
}
