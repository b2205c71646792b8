import type { ReactNode } from 'react'
import { useWords } from '../../words/language.ts'
import css from './Conflicts.module.css'
import { words } from './words.ts'

/** More are counted, not named. */
const NAMED = 3

/** What it is about. */
export function Files({ files }: { readonly files: readonly string[] }): ReactNode {
  const w = useWords(words)
  const more = files.length - NAMED
  return (
    <span className={css['files']}>
      {files.slice(0, NAMED).map((file) => (
        <code key={file} title={file}>
          {file}
        </code>
      ))}
      {more > 0 && (
        <span className="muted" title={files.slice(NAMED).join('\n')}>
          {w.moreFiles(more)}
        </span>
      )}
    </span>
  )
}
