import type { ReactNode } from 'react'
import { formatBytes } from '../../../main/domain/bytes.ts'
import { formatDuration } from '../../../main/domain/duration.ts'
import { planIndex } from '../../../main/domain/plan.ts'
import type { Run, TaskRecord } from '../../../main/domain/state.ts'
import { GateRows } from '../gates/GateRows.tsx'
import { isAsking } from '../state/asking.ts'
import { useCalm } from '../state/calm.ts'
import { useNow } from '../state/clock.ts'
import { useHealth } from '../state/health.ts'
import { Fact, Facts, Section } from '../ui/Panel.tsx'
import { useWords } from '../words/language.ts'
import { MergeFacts } from './MergeFacts.tsx'
import { NeedsYou } from './NeedsYou.tsx'
import { Targets } from './Targets.tsx'
import { words } from './words.ts'

/** The run's figures against the targets, what needs a person, the host, the phases. */
export function RunInspector({ run: latest }: { readonly run: Run }): ReactNode {
  const w = useWords(words)
  const run = useCalm(latest)
  const asking = run.attention.filter(isAsking)
  const notices = run.attention.filter((item) => !isAsking(item))
  return (
    <>
      {run.trouble !== null && run.endedAt === null && (
        <Section title={w.heldUp} tone="needs-you">
          <p>{run.trouble.error}</p>
          <p className="muted">{run.trouble.remedy}</p>
        </Section>
      )}
      {asking.length > 0 && (
        <Section title={w.needYou} tone="needs-you">
          <NeedsYou run={run} items={asking} named />
        </Section>
      )}
      <Targets run={run} />
      {notices.length > 0 && (
        <Section title={w.notes}>
          <NeedsYou run={run} items={notices} named />
        </Section>
      )}
      {asking.length + notices.length === 0 && (
        <Section title={w.needYou}>
          <p className="muted">{w.nobody}</p>
        </Section>
      )}
      <HostFacts run={run} />
      <PhaseFacts run={run} />
      <GateRows run={run} />
      <MergeFacts run={run} />
      <Section title={w.work}>
        <Facts>
          {run.branch !== null && (
            <Fact name={w.branch}>
              <code>
                {run.branch} {run.base?.slice(0, 7)}
              </code>
            </Fact>
          )}
          <Fact name={w.delivery} tone={run.delivery === 'applied' ? 'good' : undefined}>
            {w.deliveries[run.delivery]}
          </Fact>
        </Facts>
      </Section>
      {run.warnings.length > 0 && (
        <Section title={w.warnings}>
          {run.warnings.map((warning) => (
            <p key={warning}>{warning}</p>
          ))}
        </Section>
      )}
    </>
  )
}

function HostFacts({ run }: { readonly run: Run }): ReactNode {
  const w = useWords(words)
  const machine = useHealth()?.machine
  const runner = (w.runner as Readonly<Record<string, string>>)[run.runner] ?? run.runner
  const limit = Math.min(run.plan.limits.maxConcurrentAgents, run.tasks.length)
  return (
    <Section title={w.host}>
      <Facts>
        <Fact name={runner}>{w.admitted(run.counts.active, limit)}</Fact>
        <Fact name={w.cpu}>
          {machine === undefined ? w.unknown : `${Math.round((machine.coresBusy / machine.cores) * 100)} %`}
        </Fact>
        <Fact name={w.memory}>
          {machine === undefined
            ? w.unknown
            : w.of(formatBytes(machine.memoryUsedBytes), formatBytes(machine.memoryBytes))}
        </Fact>
      </Facts>
    </Section>
  )
}

function PhaseFacts({ run }: { readonly run: Run }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const { byPhase } = planIndex(run.plan)
  return (
    <Section title={w.phases}>
      <Facts>
        {run.plan.phases.map((phase, index) => {
          const members = byPhase[index] ?? []
          const done = members.filter((task) => isDone(run.tasks.get(task)!)).length
          const text =
            done === members.length
              ? w.phaseDone(done, members.length, formatDuration(phaseTime(run, members, now)))
              : index === run.phase && run.endedAt === null
                ? w.phaseRunning(done, members.length)
                : index > run.phase && run.endedAt === null
                  ? w.phaseAfter(members.length, run.plan.phases[index - 1]?.name ?? '')
                  : w.phaseStopped(done, members.length)
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: phases never move; two may have one name
            <Fact key={index} name={`${index + 1} ${phase.name}`}>
              {text}
            </Fact>
          )
        })}
      </Facts>
    </Section>
  )
}

/** What a stopped run cancelled, or what failed, is over but not done. */
function isDone(task: TaskRecord): boolean {
  return task.outcome === 'succeeded' || task.outcome === 'skipped'
}

/** From the first start to the last end, ms. */
function phaseTime(run: Run, members: readonly number[], now: number): number {
  let from = Number.POSITIVE_INFINITY
  let to = 0
  for (const index of members) {
    const { past, current } = run.tasks.get(index)!
    for (const attempt of past) {
      from = Math.min(from, attempt.startedAt ?? attempt.endedAt)
      to = Math.max(to, attempt.endedAt)
    }
    if (current?.startedAt != null) {
      from = Math.min(from, current.startedAt)
      to = now
    }
  }
  return Math.max(0, to - from)
}
