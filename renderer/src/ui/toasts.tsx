import type { ReactNode } from 'react'
import { createStore, useStore } from 'zustand'
import { useWords } from '../words/language.ts'
import { IconButton } from './Button.tsx'
import { Glyph } from './Glyph.tsx'
import css from './toasts.module.css'
import { words } from './words.ts'

/** Short notes at the edge: what was done, or why it was not. Failures stay until they are closed. */
interface Note {
  readonly id: number
  readonly tone: 'done' | 'failed'
  readonly text: string
  readonly remedy: string
}

const SHOWN_MS = 4_000
const MOST = 4

const notes = createStore<{ readonly list: readonly Note[] }>(() => ({ list: [] }))
let last = 0

export function tell(text: string): void {
  const id = add('done', text, '')
  setTimeout(() => drop(id), SHOWN_MS)
}

export function tellFailure(error: unknown): void {
  const { message, remedy } = error as { message?: string; remedy?: string }
  add('failed', message ?? String(error), remedy ?? '')
}

function add(tone: Note['tone'], text: string, remedy: string): number {
  last += 1
  const note = { id: last, tone, text, remedy }
  notes.setState(({ list }) => ({
    list: [...list.filter((other) => other.text !== text), note].slice(-MOST),
  }))
  return note.id
}

function drop(id: number): void {
  notes.setState(({ list }) => ({ list: list.filter((note) => note.id !== id) }))
}

/** Once in the frame. */
export function Toasts(): ReactNode {
  const list = useStore(notes, (all) => all.list)
  const w = useWords(words)
  return (
    <div className={css['toasts']} aria-live="polite">
      {list.map((note) => (
        <div key={note.id} className={css['toast']} role={note.tone === 'failed' ? 'alert' : 'status'}>
          <Glyph mark={note.tone} />
          <div>
            <p>{note.text}</p>
            {note.remedy !== '' && <p className="muted">{note.remedy}</p>}
          </div>
          <IconButton label={w.close} onClick={() => drop(note.id)}>
            ×
          </IconButton>
        </div>
      ))}
    </div>
  )
}
