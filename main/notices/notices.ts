import type { Place } from '../../preload/contract.ts'
import { isAskedByHand } from '../domain/conflicts/byHand.ts'
import type { Conflict, ConflictAction } from '../domain/conflicts/conflict.ts'
import { nameOfHolder } from '../domain/conflicts/parties.ts'
import { formatDuration } from '../domain/duration.ts'
import type { EventEnvelope } from '../domain/events.ts'
import type { RunId } from '../domain/ids.ts'
import { incidentNews } from '../domain/incidents/news.ts'
import type { Run, State } from '../domain/state.ts'
import { isIncidentOnScreen, isLookedInto } from './incidentEntry.ts'
import { newsOfIncident } from './incidentNotices.ts'
import { isConflict, placeOfAttention, runName } from './needs.ts'
import { type News, type Notice, type NoticeKind, shorten } from './notice.ts'
import type { NoticeWords } from './words.ts'

export type { News, Notice, NoticeAction } from './notice.ts'

/** What an event is worth telling; `state` is the one it led to. */
export function newsOf(event: EventEnvelope, state: State, words: NoticeWords): News | undefined {
  const { data } = event
  const incident = incidentNews(event, state)
  if (incident !== undefined) return newsOfIncident(incident, state, words)
  const run = event.run === null ? undefined : state.runs.get(event.run)
  if (run === undefined) return newsByHand(event, state, words)
  switch (data.type) {
    case 'run.settled':
      if (isLookedInto(state, run)) return undefined
      if (data.status === 'completed') return { type: 'tell', notice: doneNotice(run, event.time, words) }
      if (data.status === 'failed') return { type: 'tell', notice: failedNotice(run, data.cause, words) }
      return undefined
    case 'run.reopened':
      return { type: 'withdraw', key: runKey(run.id) }
    case 'attention.raised': {
      const { id, choices, text, task, about = null } = data
      const conflict =
        about === null || !isConflict(about)
          ? undefined
          : state.projects.get(run.project)?.conflicts.find((one) => one.id === about)
      if (conflict !== undefined)
        return { type: 'tell', notice: conflictNotice(run, id, conflict, choices, words) }
      const notice: Notice = {
        kind: 'needs-you',
        key: questionKey(run.id, id),
        title: words.needsYou(runName(run)),
        body: shorten(text),
        place: placeOfAttention(run, { task, about }),
        question:
          choices.length === 0 && data.kind !== 'question'
            ? null
            : { run: run.id, id, since: event.time, choices },
      }
      return { type: 'tell', notice }
    }
    case 'attention.resolved':
      return { type: 'withdraw', key: questionKey(run.id, data.id) }
    default:
      return undefined
  }
}

/** Of conflicts no run asks about: told where they are settled. */
function newsByHand(
  { project: id, data }: EventEnvelope,
  state: State,
  words: NoticeWords,
): News | undefined {
  const isAbout =
    data.type === 'conflict.raised' || data.type === 'conflict.escalated' || data.type === 'conflict.resolved'
  const project = id === null || !isAbout ? undefined : state.projects.get(id)
  const conflict = project?.conflicts.find((one) => isAbout && one.id === data.id)
  if (project === undefined || conflict === undefined) return undefined
  const key = `${project.id}!${conflict.id}`
  if (conflict.resolution !== null) return { type: 'withdraw', key }
  if (!isAskedByHand(state, project, conflict)) return undefined
  const { files, parties, text } = conflict
  return {
    type: 'tell',
    notice: {
      kind: 'needs-you',
      key,
      title: words.conflict(files[0] ?? conflict.id, files.length - 1),
      body: shorten(`${parties.map(nameOfHolder).join(words.and)}: ${text}`),
      place: { view: 'conflicts', at: conflict.id },
      question: null,
    },
  }
}

/** What it is about, who is in whose way, and the ways out. */
function conflictNotice(
  run: Run,
  id: string,
  conflict: Conflict,
  choices: readonly string[],
  words: NoticeWords,
): Notice {
  const { files, parties, text } = conflict
  const names = parties.map(nameOfHolder).join(words.and)
  // Nobody's work is ended by a button that is hit by accident: that is asked again on the card.
  const offered = (choices as readonly ConflictAction[]).filter((choice) => choice !== 'terminate')
  const labels = offered.map((choice) => words.conflictActions[choice] ?? choice)
  return {
    kind: 'needs-you',
    key: questionKey(run.id, id),
    title: words.conflict(files[0] ?? conflict.id, files.length - 1),
    body: shorten(`${names}: ${text}`),
    place: { view: 'conflicts', run: run.id, at: conflict.id },
    question: { run: run.id, id, choices: offered, labels },
  }
}

function doneNotice(run: Run, time: number, words: NoticeWords): Notice {
  const body = words.doneBody(run.tasks.length, formatDuration(Math.max(0, time - run.startedAt)))
  return {
    kind: 'done',
    key: runKey(run.id),
    title: words.done(runName(run)),
    body,
    place: { view: 'house', run: run.id },
    question: null,
  }
}

function failedNotice(run: Run, cause: string | null, words: NoticeWords): Notice {
  return {
    kind: 'failed',
    key: runKey(run.id),
    title: words.failed(runName(run)),
    body: cause ?? '',
    place: { view: 'house', run: run.id },
    question: null,
  }
}

const runKey = (run: RunId): string => `${run}!`
const questionKey = (run: RunId, id: string): string => `${run}!${id}`

/** As many at once are told one by one; more are told by their number. */
const ONE_BY_ONE = 2

/** What is told of all that gathered: each by itself while there are few, else one for each kind. */
export function gather(notices: readonly Notice[], words: NoticeWords): readonly Notice[] {
  if (notices.length <= ONE_BY_ONE) return notices
  const kinds: readonly NoticeKind[] = ['needs-you', 'failed', 'done']
  return kinds.flatMap((kind) => {
    const same = notices.filter((notice) => notice.kind === kind)
    const last = same.at(-1)
    if (last === undefined || same.length === 1) return same
    const title = several(kind, same.length, words)
    return [{ ...last, key: `${kind}*`, title, body: last.body, question: null, actions: [] }]
  })
}

function several(kind: NoticeKind, count: number, words: NoticeWords): string {
  if (kind === 'needs-you') return words.needYou(count)
  return kind === 'done' ? words.severalDone(count) : words.severalFailed(count)
}

const RUN_VIEWS: readonly Place['view'][] = [
  'house',
  'graph',
  'timeline',
  'agents',
  'talk',
  'queue',
  'locks',
  'conflicts',
]

/** Does a window that is looked at show this already? `preferred` is the run it shows when it names none. */
export function isOnScreen(notice: Notice, shown: Place | undefined, preferred: RunId | null): boolean {
  const place = shown ?? { view: 'house' as const }
  if (notice.place.view === 'incidents') return isIncidentOnScreen(notice.place, place)
  if (!RUN_VIEWS.includes(place.view)) return false
  return (place.run ?? preferred) === notice.place.run
}
