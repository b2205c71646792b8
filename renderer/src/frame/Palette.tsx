import { Dialog } from '@base-ui/react/dialog'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import { createStore, useStore } from 'zustand'
import { Glyph } from '../ui/Glyph.tsx'
import { useWords } from '../words/language.ts'
import css from './Palette.module.css'
import { type Entry, usePaletteEntries } from './paletteEntries.tsx'
import { rank } from './rank.ts'
import { useShortcuts } from './shortcuts.ts'
import { words } from './words.ts'

const shown = createStore<{ readonly open: boolean }>(() => ({ open: false }))

export function openPalette(): void {
  shown.setState({ open: true })
}

function close(): void {
  shown.setState({ open: false })
}

/** Everything by name: views, tasks, runs, and all that can be done here. Ctrl+K. */
export function Palette(): ReactNode {
  useShortcuts(() => shown.setState(({ open }) => ({ open: !open })))
  const open = useStore(shown, (all) => all.open)
  const w = useWords(words)
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={css['backdrop']} />
        <Dialog.Popup className={css['popup']} aria-label={w.palette}>
          {open && <Search />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** Entries shown at once; the rest is found by typing. */
const SHOWN = 50

function Search(): ReactNode {
  const w = useWords(words)
  const list = useId()
  const entries = usePaletteEntries()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const active = useRef<HTMLDivElement>(null)
  const found = useMemo(() => rank(entries, text).slice(0, SHOWN), [entries, text])
  const selected = Math.min(at, found.length - 1)
  useEffect(() => {
    // It may answer a promise, which must not be taken for a clean-up.
    void active.current?.scrollIntoView({ block: 'nearest' })
  })
  const choose = (entry: Entry | undefined): void => {
    if (entry === undefined || entry.unavailable !== undefined) return
    close()
    entry.perform()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key]
    if (step !== undefined) setAt(Math.max(0, Math.min(found.length - 1, selected + step)))
    else if (event.key === 'Enter') choose(found[selected])
    else return
    event.preventDefault()
  }
  return (
    <>
      <input
        className={css['input']}
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={found.length > 0 ? `${list}-${selected}` : undefined}
        aria-label={w.palette}
        placeholder={w.palette}
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div id={list} role="listbox" aria-label={w.palette} className={css['list']}>
        {found.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
          <div
            key={entry.id}
            id={`${list}-${index}`}
            ref={index === selected ? active : undefined}
            role="option"
            aria-selected={index === selected}
            aria-disabled={entry.unavailable !== undefined}
            tabIndex={-1}
            className={css['entry']}
            onMouseMove={() => setAt(index)}
            onClick={() => choose(entry)}
          >
            {entry.mark !== undefined && <Glyph mark={entry.mark} size={14} />}
            <span>{entry.label}</span>
            <small>{entry.unavailable ?? entry.hint}</small>
            {entry.keys !== undefined && <kbd>{entry.keys}</kbd>}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className={css['nothing']}>{w.paletteNothing}</p>}
    </>
  )
}
