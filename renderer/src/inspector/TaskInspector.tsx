import { ChevronLeft, Ellipsis } from 'lucide-react'
import type { ReactNode } from 'react'
import { formatBytes } from '../../../main/domain/bytes.ts'
import { formatDuration } from '../../../main/domain/duration.ts'
import { attemptId } from '../../../main/domain/ids.ts'
import { planIndex } from '../../../main/domain/plan.ts'
import type { Run } from '../../../main/domain/state.ts'
import { type Status, taskStatus } from '../../../main/domain/status.ts'
import { type TaskVerb, useTaskActions } from '../actions/taskActions.ts'
import { words as frameWords } from '../frame/words.ts'
import { GateRows } from '../gates/GateRows.tsx'
import { useNow } from '../state/clock.ts'
import { useEstimate } from '../state/estimates.ts'
import { useUsage } from '../state/health.ts'
import { navigate } from '../state/place.ts'
import { useWhy } from '../state/why.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { Glyph } from '../ui/Glyph.tsx'
import { Menu } from '../ui/Menu.tsx'
import { Fact, FactBar, Facts, PanelButtons, PanelHead, Section } from '../ui/Panel.tsx'
import { useWords } from '../words/language.ts'
import { useStatusWords } from '../words/status.ts'
import { Attempts } from './Attempts.tsx'
import { LockFacts } from './LockFacts.tsx'
import { MergeLink } from './MergeFacts.tsx'
import { NeedsYou } from './NeedsYou.tsx'
import css from './TaskInspector.module.css'
import { Checklist, HandoffList, Messages, Progress } from './TaskTalk.tsx'
import { words } from './words.ts'

interface Props {
  readonly run: Run
  readonly index: number
}

/** A task: why it is where it is, what it may use, what was tried, what a person can do. */
export function TaskInspector({ run, index }: Props): ReactNode {
  const w = useWords(words)
  const spec = run.plan.tasks[index]!
  const task = run.tasks.get(index)!
  const items = run.attention.filter((item) => item.task === index)
  return (
    <>
      <Head run={run} index={index} />
      {items.length > 0 && (
        <Section title={w.needYou} tone="needs-you">
          <NeedsYou run={run} items={items} named={false} />
        </Section>
      )}
      {task.current !== null && task.current.trouble !== null && (
        <Section title={w.heldUp} tone="needs-you">
          <p>{task.current.trouble.error}</p>
          <p className="muted">{task.current.trouble.remedy}</p>
        </Section>
      )}
      <Progress run={run} index={index} />
      <WhyFacts run={run} index={index} />
      <GateRows run={run} task={index} />
      <LockFacts run={run} index={index} />
      <Budget run={run} index={index} />
      <HandoffList run={run} index={index} />
      <Messages run={run} index={index} />
      <Checklist run={run} index={index} />
      {task.past.length > 0 && <Attempts run={run} index={index} />}
      {task.current !== null && task.current.undeclared.length > 0 && (
        <Section title={w.undeclared}>
          <Paths paths={task.current.undeclared.slice(0, 20)} />
        </Section>
      )}
      {Object.keys(task.outputs).length > 0 && (
        <Section title={w.outputs}>
          <Facts>
            {Object.entries(task.outputs).map(([name, value]) => (
              <Fact key={name} name={name}>
                <code>{value}</code>
              </Fact>
            ))}
          </Facts>
        </Section>
      )}
      <Section title={w.command}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard */}
        <pre className={css['command']} tabIndex={0}>
          {spec.run.trim()}
        </pre>
      </Section>
    </>
  )
}

function Head({ run, index }: Props): ReactNode {
  const w = useWords(words)
  const f = useWords(frameWords)
  const statuses = useStatusWords()
  const now = useNow()
  const spec = run.plan.tasks[index]!
  const task = run.tasks.get(index)!
  const status = taskStatus(run, index, now)
  const progress = useEstimate(run)?.progress(index)
  const last = task.current ?? task.past.at(-1)
  const role = last?.role ?? spec.role ?? w.anyRole
  const attempt =
    last === undefined ? '' : ` · ${w.attempt(last.n, Math.max(last.n, spec.retry.retries + 1))}`
  const time = status.ms === null ? '' : ` ${formatDuration(status.ms).replaceAll(' ', '\u00a0')}`
  const actions = useTaskActions(run, index)
  const shown = buttonsFor(task.current !== null, task.current?.paused === true, task.outcome)
  const rest = menuOf(task.current !== null).map((group) => group.filter((verb) => !shown.includes(verb)))
  return (
    <Section>
      <PanelHead
        glyph={<Glyph mark={status.mark} progress={progress} size={18} />}
        title={<h2 title={spec.title}>{spec.title}</h2>}
        about={
          <>
            {role}
            {attempt} · <span className={css['whole']}>{statuses.task[status.word]}</span>
            {time}
          </>
        }
      >
        {actions !== undefined && (
          <Menu
            trigger={
              <button type="button" className={css['more']} aria-label={f.more}>
                <Ellipsis size={16} aria-hidden />
              </button>
            }
            groups={rest.map((group) =>
              group.map((verb) => {
                const { id, label, unavailable, danger, perform } = actions[verb]
                return { id, label, unavailable, danger: danger ?? false, onChoose: perform }
              }),
            )}
          />
        )}
        <IconButton label={w.back} onClick={() => navigate({ task: undefined })}>
          <ChevronLeft size={16} aria-hidden />
        </IconButton>
      </PanelHead>
      {actions !== undefined && (
        <PanelButtons>
          {shown.map((verb) => (
            <Button key={verb} unavailable={actions[verb].unavailable} onClick={actions[verb].perform}>
              {actions[verb].label}
            </Button>
          ))}
        </PanelButtons>
      )}
    </Section>
  )
}

/** What can only be done with an agent at work is not listed where there is none. */
function menuOf(atWork: boolean): readonly (readonly TaskVerb[])[] {
  const always: readonly (readonly TaskVerb[])[] = [
    ['retry', 'skip', 'rerun'],
    ['terminal', 'copyName'],
  ]
  return atWork ? [['stopAgentNow', 'releaseLocks'], ...always] : always
}

function buttonsFor(atWork: boolean, paused: boolean, outcome: string | null): readonly TaskVerb[] {
  if (atWork) return [paused ? 'continueAgent' : 'pauseAgent', 'stopAgent', 'terminal']
  if (outcome === 'succeeded' || outcome === 'skipped') return ['rerun', 'terminal']
  if (outcome === 'failed' || outcome === 'cancelled') return ['retry', 'skip', 'terminal']
  return ['skip']
}

function WhyFacts({ run, index }: Props): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const spec = run.plan.tasks[index]!
  const status = taskStatus(run, index, now)
  const { needs, dependents } = planIndex(run.plan)
  const said = useWhy(run, index, status, now)
  const sentence = status.why?.kind === 'asked' ? '' : said
  return (
    <Section title={w.why}>
      {sentence !== '' && <p className={css['why']}>{sentence}</p>}
      {isMerging(status) && <MergeLink run={run.id} />}
      <Facts>
        {needs[index]!.length > 0 && (
          <Fact name={w.after}>
            <TaskLinks run={run} tasks={needs[index]!} />
          </Fact>
        )}
        {spec.needsSoft.length > 0 && (
          <Fact name={w.soft}>{spec.needsSoft.map((need) => need.task).join(', ')}</Fact>
        )}
        <Fact name={w.phase}>{run.plan.phases[spec.phase]?.name}</Fact>
        {spec.skills.length > 0 && <Fact name={w.skills}>{spec.skills.join(', ')}</Fact>}
        {spec.writes.length > 0 && (
          <Fact name={w.writes}>
            <Paths paths={spec.writes} />
          </Fact>
        )}
        {spec.reads.length > 0 && (
          <Fact name={w.reads}>
            <Paths paths={spec.reads} />
          </Fact>
        )}
        {spec.priority !== 3 && <Fact name={w.priority}>{spec.priority}</Fact>}
        <Fact name={w.next}>
          {dependents[index]!.length === 0 ? (
            <span className="muted">{w.nothingNext}</span>
          ) : (
            <TaskLinks run={run} tasks={dependents[index]!} />
          )}
        </Fact>
      </Facts>
    </Section>
  )
}

function isMerging({ why }: Status): boolean {
  return why?.kind === 'merge-queue' || why?.kind === 'merge-check'
}

function Paths({ paths }: { readonly paths: readonly string[] }): ReactNode {
  return (
    <ul className={css['paths']}>
      {paths.map((path) => (
        <li key={path}>
          <code>{path}</code>
        </li>
      ))}
    </ul>
  )
}

/** More are counted, not named. */
const LINKED = 6

function TaskLinks({ run, tasks }: { readonly run: Run; readonly tasks: readonly number[] }): ReactNode {
  return (
    <span className={css['links']}>
      {tasks.slice(0, LINKED).map((task) => {
        const status = taskStatus(run, task, 0)
        const id = run.plan.tasks[task]!.id
        return (
          <button key={id} type="button" onClick={() => navigate({ run: run.id, task: id })}>
            {id} <Glyph mark={status.mark} size={11} />
          </button>
        )
      })}
      {tasks.length > LINKED && <span className="muted">+ {tasks.length - LINKED}</span>}
    </span>
  )
}

function Budget({ run, index }: Props): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const usage = useUsage()
  const spec = run.plan.tasks[index]!
  const { current } = run.tasks.get(index)!
  const { ms } = taskStatus(run, index, now)
  if (current === null || ms === null) return null
  const limit = spec.timeoutMs ?? run.plan.limits.maxRuntimeMs
  const used = usage.get(attemptId(run.id, spec.id, current.n))
  return (
    <Section title={w.budget}>
      <Facts>
        <Fact name={w.time}>{w.of(formatDuration(ms), formatDuration(limit))}</Fact>
        <FactBar share={ms / limit} label={w.time} />
        <Fact name={w.cpu}>{used?.cores == null ? w.unknown : `${Math.round(used.cores * 100)} %`}</Fact>
        <Fact name={w.memory}>{used === undefined ? w.unknown : formatBytes(used.memoryBytes)}</Fact>
      </Facts>
    </Section>
  )
}
