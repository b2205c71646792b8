import { CornerLeftUp, FolderGit2, Folder as FolderIcon } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useBridge } from '../../state/session.tsx'
import { Button, IconButton } from '../../ui/Button.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { Loading, Trouble } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import css from './Projects.module.css'
import { useAsked } from './useAsked.ts'
import { words } from './words.ts'

interface Props {
  readonly open: boolean
  readonly from: string | null
  readonly onClose: () => void
  readonly onChoose: (path: string) => void
}

/** Chooses a folder of the machine the program runs on, which may be another than the page's. */
export function Browse(props: Props): ReactNode {
  const w = useWords(words)
  return (
    <Dialog open={props.open} onClose={props.onClose} title={w.browse.title}>
      {props.open && <Folders {...props} />}
    </Dialog>
  )
}

function Folders({ from, onChoose }: Props): ReactNode {
  const w = useWords(words)
  const bridge = useBridge()
  // Beside the project that is open, its neighbours are the likeliest.
  const [path, setPath] = useState(() => (from === null ? null : parentOf(from)))
  const [typed, setTyped] = useState(path ?? '')
  /** What somebody is typing is not overwritten by an answer that comes late. */
  const edited = useRef(false)
  const folders = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  /** The list that had the focus is replaced: the next one gets it. */
  const refocus = useRef(false)
  const [found, again] = useAsked(path ?? '', (at) =>
    bridge.request('browse', { path: at === '' ? null : at }),
  )
  const here = found.status === 'ready' ? found.value : undefined
  useEffect(() => {
    if (here === undefined) return
    if (!edited.current) setTyped(here.path)
    if (refocus.current) (folders.current?.querySelector('button') ?? input.current)?.focus()
    refocus.current = false
  }, [here])
  const go = (to: string, fromList = false): void => {
    edited.current = false
    refocus.current = fromList
    setTyped(to)
    setPath(to)
  }
  /** Down from the path into the folders, along them, and up again. */
  const onArrow = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (by === 0) return
    event.preventDefault()
    const buttons = [...(folders.current?.querySelectorAll('button') ?? [])]
    const to = buttons.indexOf(document.activeElement as HTMLButtonElement) + by
    if (to < 0) input.current?.focus()
    else buttons[Math.min(to, buttons.length - 1)]?.focus()
  }
  return (
    <>
      <form
        className={css['path']}
        onSubmit={(event) => {
          event.preventDefault()
          go(typed)
        }}
      >
        <input
          ref={input}
          value={typed}
          onKeyDown={onArrow}
          aria-label={w.browse.path}
          spellCheck={false}
          onChange={(event) => {
            edited.current = true
            setTyped(event.target.value)
          }}
        />
        <IconButton
          label={w.browse.up}
          type="button"
          unavailable={here !== undefined && here.parent === null ? w.browse.top : undefined}
          onClick={() => here?.parent != null && go(here.parent)}
        >
          <CornerLeftUp size={14} aria-hidden />
        </IconButton>
      </form>
      <div ref={folders} className={css['folders']}>
        {found.status === 'loading' && <Loading />}
        {found.status === 'failed' && <Trouble error={found.error} onRetry={again} />}
        {here !== undefined && here.entries.length === 0 && <p className="muted">{w.browse.empty}</p>}
        <ul>
          {here?.entries.map(({ name, repository, project }) => (
            <li key={name}>
              <button type="button" onKeyDown={onArrow} onClick={() => go(joined(here.path, name), true)}>
                {repository ? <FolderGit2 size={15} aria-hidden /> : <FolderIcon size={15} aria-hidden />}
                <span>{name}</span>
                <small>{project ? w.browse.project : repository ? w.browse.repository : ''}</small>
              </button>
            </li>
          ))}
        </ul>
        {here?.truncated === true && <p className="muted">{w.browse.truncated}</p>}
      </div>
      <div className={css['choose']}>
        <Button
          look="primary"
          onClick={() => onChoose(typed.trim() === '' ? (here?.path ?? '~') : typed.trim())}
        >
          {w.browse.choose}
        </Button>
      </div>
    </>
  )
}

function parentOf(path: string): string {
  return path.replace(/[/\\][^/\\]+$/, '') || '/'
}

function joined(folder: string, name: string): string {
  const separator = folder.includes('\\') ? '\\' : '/'
  return folder.endsWith(separator) ? folder + name : folder + separator + name
}
