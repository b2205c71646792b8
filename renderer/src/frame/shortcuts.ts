import { useEffect, useRef } from 'react'
import { VIEW_KEYS, VIEWS } from '../../../preload/contract.ts'
import { currentPlace, navigate } from '../state/place.ts'
import { preferences, setPreference } from '../state/preferences.ts'
import { hasInspector } from './Inspector.tsx'

/** Keys that work everywhere but where somebody types: Ctrl+K (or ⌘K), Ctrl+I, Alt and a view's key, Escape. */
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
        if (hasInspector(currentPlace())) setPreference('inspector', !preferences.getState().inspector)
      } else if (event.altKey && !control && !inTerminal(event)) {
        const view = viewOf(event)
        if (view === undefined) return
        navigate({ view })
      } else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
}

/** With Alt, letters make other letters on some keyboards: whoever types means those. */
function viewOf(event: KeyboardEvent): (typeof VIEWS)[number] | undefined {
  const key = /^(?:Digit|Key)(.)$/.exec(event.code)?.[1]
  if (key === undefined || (event.code.startsWith('Key') && isTyping(event))) return undefined
  return VIEWS.find((view) => VIEW_KEYS[view] === key)
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
