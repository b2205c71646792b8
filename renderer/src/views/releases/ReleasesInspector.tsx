import type { ReactNode } from 'react'
import type { ProjectRecord, State } from '../../../../main/domain/state.ts'
import { usePlace } from '../../state/place.ts'
import { useSelectedRunId } from '../../state/selectedRun.ts'
import { useEngineState } from '../../state/session.tsx'
import { Loading } from '../../ui/Notice.tsx'
import { Fact, Facts, Section } from '../../ui/Panel.tsx'
import { useWords } from '../../words/language.ts'
import { Between } from './Between.tsx'
import { PointDetail } from './PointDetail.tsx'
import { chosenIn } from './timeline.ts'
import { words } from './words.ts'

/** A point with what it holds, or what changed between two. */
export function ReleasesInspector(): ReactNode {
  const state = useEngineState()
  const chosen = chosenIn(usePlace().at)
  if (state === undefined) return <Loading />
  const id = chosen?.kind === 'between' ? chosen.from : chosen?.point
  const project = [...state.projects.values()].find((one) => hasPoint(one, id))
  const point = project?.points.find((one) => one.id === id)
  if (chosen === undefined || project === undefined || point === undefined) return <Policies state={state} />
  if (chosen.kind === 'point') return <PointDetail key={id} project={project} point={point} />
  const to = chosen.to === null ? null : project.points.find((one) => one.id === chosen.to)
  if (to === undefined) return <PointDetail key={id} project={project} point={point} />
  return <Between key={`${id}~${to?.id}`} project={project} from={point} to={to} />
}

/** With nothing chosen: how each target is kept. */
function Policies({ state }: { readonly state: State }): ReactNode {
  const w = useWords(words)
  const run = useSelectedRunId()
  const own = run === undefined ? undefined : state.runs.get(run)?.project
  const project = [...state.projects.values()].find(
    ({ id, targets }) => id === own && Object.keys(targets).length > 0,
  )
  const shown = project ?? [...state.projects.values()].find(({ targets }) => Object.keys(targets).length > 0)
  return (
    <>
      <Section title={w.history}>
        <p className="muted">{w.choose}</p>
      </Section>
      {Object.values(shown?.targets ?? {}).map(({ spec }) => (
        <Section key={spec.name} title={w.policyOf(spec.title)}>
          <Facts>
            {spec.gates.length > 0 && <Fact name={w.gates}>{spec.gates.join(', ')}</Fact>}
            {spec.database !== null && (
              <Fact name={w.database}>
                {spec.database.kind} {spec.database.name}
              </Fact>
            )}
            <Fact name={w.verifiedBy}>
              {[...spec.verify.paths, spec.verify.run ?? ''].filter((part) => part !== '').join(', ') ||
                w.none}
            </Fact>
            {spec.envFiles.length > 0 && <Fact name={w.settingsHeld}>{spec.envFiles.join(', ')}</Fact>}
            <Fact name={w.keeps}>{w.policy(spec.points.keep)}</Fact>
            <Fact name={w.testedBy}>
              {spec.points.test === null ? w.noTest : <code>{spec.points.test}</code>}
            </Fact>
            <Fact name={w.copiedTo}>{spec.points.remote ?? w.none}</Fact>
          </Facts>
        </Section>
      ))}
    </>
  )
}

function hasPoint({ points }: ProjectRecord, id: string | undefined): boolean {
  return points.some((point) => point.id === id)
}
