import type { ReactNode } from 'react'
import css from './DiffText.module.css'

/**
 * A unified diff, at most so many lines of it, in calm colours. `label`: what it is of; `brief`: of what stands above
 * each file's changes only its name.
 */
export function DiffText({
  text,
  most,
  label,
  brief = false,
}: {
  readonly text: string
  readonly most: number
  readonly label: string
  readonly brief?: boolean
}): ReactNode {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out so, and a section of the page it is not
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard
    <div role="group" className={css['diff']} tabIndex={0} aria-label={label}>
      <pre>
        {(brief ? linesOf(text).flatMap(shortened) : linesOf(text)).slice(0, most).map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name but their number and never move
          <div key={index} data-kind={kindOf(line)}>
            {visible(brief ? line.replace(/^diff /, '') : line)}
          </div>
        ))}
      </pre>
    </div>
  )
}

/** Of a file's head its name, as it is now; any other line as it is. */
export function shortened(line: string): readonly string[] {
  const kind = kindOf(line)
  if (kind === 'head') return []
  return kind === 'file' ? [line.replace(/^diff --git a\/.* b\//, 'diff ')] : [line]
}

export function lineCount(text: string): number {
  return linesOf(text).length
}

function linesOf(text: string): readonly string[] {
  return text.replace(/\n$/, '').split('\n')
}

export function kindOf(line: string): string {
  if (line.startsWith('diff ')) return 'file'
  if (/^(index|---|\+\+\+|new file|deleted file|similarity|rename|old mode|new mode) ?/.test(line))
    return 'head'
  if (line.startsWith('@@')) return 'place'
  if (line.startsWith('+')) return 'added'
  if (line.startsWith('-')) return 'removed'
  return 'same'
}

/** Whoever reads it decides by it: nothing an agent wrote may hide or turn around what is there. */
export function visible(line: string): string {
  const shown = line.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be made visible
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return shown === '' ? ' ' : shown
}
