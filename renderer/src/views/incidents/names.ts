import type { SourceKind } from '../../../../main/domain/incidents/incident.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import { shortName } from '../../state/agents.ts'
import type { Like } from '../../words/language.ts'
import type { words } from './words.ts'

export type W = Like<(typeof words)['en']>

/** Who did it: people by their names, agents by their tasks. */
export function whoText(w: W, who: string): string {
  if (who === 'engine') return w.engine
  return /^person:(.+)$/.exec(who)?.[1] ?? shortName(who)
}

/** What raised it, in few words. */
export function sourceText(w: W, kind: SourceKind, ref: string): string {
  return kind === 'person' ? whoText(w, ref) : `${w.sources[kind]} · ${shortName(ref)}`
}

/** What a point is known by: its name, else its release. */
export function pointText(project: ProjectRecord, id: string): string {
  const point = project.points.find((one) => one.id === id)
  const what = point?.name ?? point?.release?.version
  return what == null ? id : `${id} · ${what}`
}

/** What was or can be chosen: in the project's own words where it has any. */
export function choiceText(w: W, choice: string, title: string): string {
  const isOurs = Object.hasOwn(w.choices, choice)
  const plain = title === choice || OWN_TITLES.has(title)
  return isOurs && plain ? w.choices[choice as keyof W['choices']] : title
}

/** As the engine calls them where no playbook does. */
const OWN_TITLES: ReadonlySet<string> = new Set(['Roll back', 'Restart', 'Fix forward', 'It is mended'])
