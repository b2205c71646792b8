import { FolderOpen } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { navigate } from '../../state/place.ts'
import { usePreference } from '../../state/preferences.ts'
import { useSelectedRun } from '../../state/selectedRun.ts'
import { useLive } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import { Browse } from './Browse.tsx'
import { Checks } from './Checks.tsx'
import { openProject, useOpenProject } from './openProject.ts'
import { ProjectPanel } from './ProjectPanel.tsx'
import css from './Projects.module.css'
import { words } from './words.ts'

/** First start and every start: is this machine ready, which project, which epic. */
export function Projects(): ReactNode {
  const w = useWords(words)
  const [browsing, setBrowsing] = useState(false)
  const chosen = useOpenProject()
  // Where nothing was opened in this window yet: the project of the run on the screen.
  const run = useSelectedRun()
  const path = chosen ?? (run.status === 'ready' ? run.value.root : null)
  return (
    <div className={css['view']}>
      <div className={css['side']}>
        <section>
          <header className={css['head']}>
            <h3>{w.recent}</h3>
          </header>
          <Known open={path} />
          <Button onClick={() => setBrowsing(true)}>
            <FolderOpen size={14} aria-hidden /> {w.open}
          </Button>
        </section>
        <Checks />
      </div>
      <div className={css['content']}>
        {path === null ? (
          <Empty
            title={w.none}
            action={
              <Button look="primary" onClick={() => setBrowsing(true)}>
                {w.open}
              </Button>
            }
          >
            {w.noneText}
          </Empty>
        ) : (
          <ProjectPanel key={path} path={path} />
        )}
      </div>
      <Browse
        open={browsing}
        from={path}
        onClose={() => setBrowsing(false)}
        onChoose={(chosen) => {
          setBrowsing(false)
          openProject(chosen)
          navigate({ view: 'projects' })
        }}
      />
    </div>
  )
}

/** Folders opened here, then projects the engine knows from elsewhere. */
function Known({ open }: { readonly open: string | null }): ReactNode {
  const recent = usePreference('projects')
  const registered = useLive((live) => live.state?.projects)
  const names = new Map([...(registered?.values() ?? [])].map(({ root, name }) => [root, name]))
  const roots = [...new Set([...recent, ...names.keys()])]
  return (
    <ul className={css['known']}>
      {roots.map((root) => (
        <li key={root}>
          <button type="button" aria-current={root === open || undefined} onClick={() => openProject(root)}>
            <strong>{names.get(root) ?? root.split(/[/\\]/).at(-1)}</strong>
            <span>
              <bdi>{root}</bdi>
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}
