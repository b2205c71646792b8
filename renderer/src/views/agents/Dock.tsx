import type { ReactNode } from 'react'
import type { TaskId } from '../../../../main/domain/ids.ts'
import { planIndex } from '../../../../main/domain/plan.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { taskStatus } from '../../../../main/domain/status.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import css from './Dock.module.css'
import { dockedTasks } from './dockedTasks.ts'
import { AttemptChoice, Figures, Pane, type PaneProps, useAttempt, useEnded } from './Pane.tsx'
import pane from './Terminal.module.css'
import { words } from './words.ts'

/** The terminals below the graph: the selected task's first, then the longest at work. Fills its parent. */
export function Dock({ run }: { readonly run: Run }): ReactNode {
  const w = useWords(words)
  const { task } = usePlace()
  const selected = task === undefined ? undefined : planIndex(run.plan).byId.get(task as TaskId)
  const docked = dockedTasks(run, selected)
  return (
    <section className={css['dock']} aria-label={w.terminals}>
      {docked.length === 0 && <Empty title={w.dockEmpty} />}
      {docked.map((index) => (
        <div key={index} className={css['pane']} data-pane="">
          <Head run={run} index={index} />
          <Pane run={run} index={index} compact />
        </div>
      ))}
    </section>
  )
}

function Head({ run, index }: PaneProps): ReactNode {
  const w = useWords(words)
  const view = useAttempt({ run, index })
  const ended = useEnded(view?.past)
  const spec = run.plan.tasks[index]!
  const { mark } = taskStatus(run, index, 0)
  return (
    <header className={pane['head']}>
      <Glyph mark={mark} size={14} />
      <button
        type="button"
        className={pane['name']}
        data-leave
        onClick={() => navigate({ run: run.id, task: spec.id })}
      >
        {view?.role ?? spec.role ?? w.noRole}
      </button>
      <span className={pane['what']}>
        {spec.title} <AttemptChoice run={run} index={index} />
      </span>
      <span className={pane['space']} />
      {ended !== '' && <span className={pane['figures']}>{ended}</span>}
      <Figures run={run} index={index} />
    </header>
  )
}
