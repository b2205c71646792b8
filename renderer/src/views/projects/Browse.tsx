import { CornerLeftUp, FolderGit2, Folder as FolderIcon } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
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
  const [edited, setEdited] = useState(false)
  const [found, again] = useAsked(path ?? '', (at) =>
    bridge.request('browse', { path: at === '' ? null : at }),
  )
  const here = found.status === 'ready' ? found.value : undefined
  useEffect(() => {
    if (here !== undefined && !edited) setTyped(here.path)
  }, [here, edited])
  const go = (to: string): void => {
    setEdited(false)
    setPath(to)
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
          value={typed}
          aria-label={w.browse.path}
          spellCheck={false}
          onChange={(event) => {
            setEdited(true)
            setTyped(event.target.value)
          }}
        />
        <IconButton label={w.browse.up} type="button" onClick={() => here?.parent != null && go(here.parent)}>
          <CornerLeftUp size={14} aria-hidden />
        </IconButton>
      </form>
      <div className={css['folders']}>
        {found.status === 'loading' && <Loading />}
        {found.status === 'failed' && <Trouble error={found.error} onRetry={again} />}
        {here !== undefined && here.entries.length === 0 && <p className="muted">{w.browse.empty}</p>}
        <ul>
          {here?.entries.map(({ name, repository, project }) => (
            <li key={name}>
              <button type="button" onClick={() => go(joined(here.path, name))}>
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
