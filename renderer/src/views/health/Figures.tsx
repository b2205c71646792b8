import type { ReactNode } from 'react'
import { formatBytes } from '../../../../main/domain/bytes.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { healthPolicyOf, type Measure, type Threshold } from '../../../../main/domain/health/policy.ts'
import { valueWords } from '../../../../main/domain/health/words.ts'
import type { ProjectRecord, State } from '../../../../main/domain/state.ts'
import type { Vitals } from '../../../../preload/contract.ts'
import { type Like, useWords } from '../../words/language.ts'
import { Chart } from './Chart.tsx'
import css from './Health.module.css'
import { useSeries } from './useSeries.ts'
import { words } from './words.ts'

interface Props {
  readonly state: State
  readonly project: ProjectRecord
  readonly vitals: Vitals
  readonly spanMs: number
}

/** The seed's four figures of all agents of a project, each with its series. */
export function AgentFigures(props: Props): ReactNode {
  const w = useWords(words)
  const { vitals, project } = props
  const of = vitals.projects.find((one) => one.project === project.id)
  const all = of?.figures.find(({ role }) => role === null)
  const usage = all?.usage
  return (
    <div className={css['figures']}>
      <One {...props} measure="agent_task_completion_rate" value={all?.completionRate} least={1} />
      <One {...props} measure="agent_error_frequency" value={all?.errorFrequency} least={1} />
      <One
        {...props}
        measure="agent_response_latency"
        value={all === undefined ? undefined : (all.latency?.p95 ?? null)}
        least={1_000}
        about={w.p95}
      />
      <One
        {...props}
        measure="agent_resource_usage"
        series="agent_resource_usage_cores"
        value={usage?.cores}
        least={1}
        about={usage === undefined ? '' : w.atWork(usage.agents, formatBytes(usage.memoryBytes))}
      />
    </div>
  )
}

/** The machine, all programs together. */
export function HostFigures(props: Props): ReactNode {
  const { host } = props.vitals
  return (
    <div className={css['figures']}>
      <One {...props} measure="host_load" value={host.load} least={1} ofHost />
      <One {...props} measure="host_memory_used" value={host.memoryUsed} least={1} ofHost />
      <One {...props} measure="host_disk_free" value={host.diskFreeBytes} least={1} ofHost />
    </div>
  )
}

interface OneProps extends Props {
  readonly measure: keyof (typeof words)['en']['measures']
  readonly series?: string
  readonly value: number | null | undefined
  readonly least: number
  readonly about?: string
  readonly ofHost?: boolean
}

function One({
  state,
  project,
  vitals,
  spanMs,
  measure,
  value,
  least,
  ofHost,
  ...rest
}: OneProps): ReactNode {
  const w = useWords(words)
  const of = vitals.projects.find((one) => one.project === project.id)
  const policy = healthPolicyOf(state, project.id)
  const threshold = policy.thresholds.find((one) => one.measure === measure)
  const query = { project: ofHost === true ? null : project.id, measure: rest.series ?? measure, role: null }
  const points = useSeries(query, spanMs, vitals.at)
  const isBad = Object.values(project.health.alarms).some(
    (alarm) => alarm.measure === measure && alarm.role === null,
  )
  const to = vitals.at ?? state.time
  const known = value === null || value === undefined ? undefined : value
  return (
    <Chart
      measure={measure}
      name={w.measures[measure]}
      value={known === undefined ? undefined : told(measure, known)}
      about={[rest.about ?? '', threshold === undefined ? '' : wanted(w, threshold)]
        .filter((part) => part !== '')
        .join(' · ')}
      state={isBad ? 'bad' : known === undefined ? 'unknown' : 'well'}
      points={points}
      least={least}
      limit={threshold?.limit}
      from={to - spanMs}
      to={to}
      intervalMs={of?.intervalMs ?? policy.intervalMs}
    />
  )
}

function told(measure: OneProps['measure'], value: number): string {
  return measure === 'agent_resource_usage' ? value.toFixed(2) : valueWords(measure as Measure, value)
}

function wanted(w: Like<(typeof words)['en']>, { measure, bad, limit }: Threshold): string {
  return (bad === 'below' ? w.wantedAbove : w.wantedBelow)(valueWords(measure, limit))
}

/** The same by role, where more than one had anything to do. */
export function RoleFigures({ vitals, project }: Pick<Props, 'vitals' | 'project'>): ReactNode {
  const w = useWords(words)
  const of = vitals.projects.find((one) => one.project === project.id)
  const roles = (of?.figures ?? []).filter(({ role }) => role !== null)
  if (roles.length === 0) return null
  const share = (value: number | null): string => (value === null ? '–' : `${Math.round(value * 100)} %`)
  return (
    <section>
      <h3>{w.ofRoles}</h3>
      <table className={css['table']}>
        <thead>
          <tr>
            <th>{w.roles.role}</th>
            <th>{w.roles.completed}</th>
            <th>{w.roles.errors}</th>
            <th>{w.roles.begin}</th>
            <th>{w.roles.atWork}</th>
          </tr>
        </thead>
        <tbody>
          {roles.map(({ role, completionRate, errorFrequency, latency, usage }) => (
            <tr key={role}>
              <td>{role}</td>
              <td>{share(completionRate)}</td>
              <td>{share(errorFrequency)}</td>
              <td>{latency === null ? '–' : formatDuration(latency.p95)}</td>
              <td>{usage.agents}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
