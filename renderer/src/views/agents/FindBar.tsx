import { CaseSensitive, ChevronDown, ChevronUp, Regex, X } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { IconButton } from '../../ui/Button.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { useWords } from '../../words/language.ts'
import { setPane } from './paneState.ts'
import css from './Terminal.module.css'
import { MOST_MATCHES as MOST, type TerminalView } from './terminalView.ts'
import { words } from './words.ts'

/** Searches screen and scroll-back. */
export function FindBar({
  view,
  paneKey,
}: {
  readonly view: TerminalView
  readonly paneKey: string
}): ReactNode {
  const w = useWords(words)
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [caseSensitive, setCase] = useState(false)
  const [regex, setRegex] = useState(false)
  const [results, setResults] = useState({ resultIndex: -1, resultCount: 0 })
  const valid = !regex || isRegex(text)
  useEffect(() => {
    field.current?.focus()
    const listener = view.search.onDidChangeResults(setResults)
    return () => {
      listener.dispose()
      view.search.clearDecorations()
    }
  }, [view])
  const find = (direction: 'next' | 'previous', incremental = false): void => {
    if (!valid) return
    const options = { caseSensitive, regex, incremental, decorations: decorations() }
    if (direction === 'next') view.search.findNext(text, options)
    else view.search.findPrevious(text, options)
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: searches anew when what is searched for changes
  useEffect(() => find('previous', true), [text, caseSensitive, regex])
  const close = (): void => {
    setPane(paneKey, { finding: false })
    view.terminal.focus()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') find(event.shiftKey ? 'next' : 'previous')
    else if (event.key === 'Escape') close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const count = !valid
    ? w.badRegex
    : text === ''
      ? ''
      : results.resultCount === 0
        ? w.notFound
        : w.found(results.resultIndex + 1, `${results.resultCount}${results.resultCount < MOST ? '' : '+'}`)
  return (
    <search className={css['find']}>
      <SearchField ref={field} value={text} onChange={setText} label={w.find} onKeyDown={onKeyDown} />
      <span className={css['count']} role="status">
        {count}
      </span>
      <IconButton label={w.matchCase} pressed={caseSensitive} onClick={() => setCase(!caseSensitive)}>
        <CaseSensitive size={15} aria-hidden />
      </IconButton>
      <IconButton label={w.regex} pressed={regex} onClick={() => setRegex(!regex)}>
        <Regex size={14} aria-hidden />
      </IconButton>
      <IconButton label={w.findPrevious} keys="Enter" onClick={() => find('previous')}>
        <ChevronUp size={15} aria-hidden />
      </IconButton>
      <IconButton label={w.findNext} keys="Shift+Enter" onClick={() => find('next')}>
        <ChevronDown size={15} aria-hidden />
      </IconButton>
      <IconButton label={w.close} keys="Esc" onClick={close}>
        <X size={15} aria-hidden />
      </IconButton>
    </search>
  )
}

function isRegex(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}

function decorations() {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    matchBackground: token('line-strong'),
    matchBorder: token('muted'),
    matchOverviewRuler: token('muted'),
    activeMatchBackground: token('needs-you'),
    activeMatchBorder: token('needs-you'),
    activeMatchColorOverviewRuler: token('needs-you'),
  }
}
