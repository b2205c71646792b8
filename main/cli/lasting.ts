import { commandId } from '../domain/ids.ts'
import type { ControlCenter } from '../engine/controlCenter.ts'
import { isEngineGone, type Session } from './session.ts'

/** Each time another engine is found; who meets so many that end at once had better be told. */
const TRIES = 20

/**
 * A session whose calls go on with the next engine when theirs ends: a command of another terminal may have hosted it,
 * and was done. What had been sent is sent again under its id, so it is done once. Streams end with their engine, and
 * so does input: whether it arrived cannot be known.
 */
export function lasting(first: Session, reopen: () => Promise<Session>): Session {
  let session = first
  let opening: Promise<void> | undefined
  const replace = async (gone: Session): Promise<void> => {
    if (session === gone) {
      opening ??= (async () => {
        await gone.close()
        session = await reopen()
      })().finally(() => {
        opening = undefined
      })
      await opening
    }
  }
  const last = async <T>(call: (center: ControlCenter) => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      const used = session
      try {
        return await call(used.center)
      } catch (error) {
        if (!isEngineGone(error) || tries === TRIES) throw error
        await replace(used)
      }
    }
  }
  return {
    center: lastingCenter(last, () => session.center),
    get host() {
      return session.host
    },
    get pid() {
      return session.pid
    },
    close: () => session.close(),
  }
}

type Last = <T>(call: (center: ControlCenter) => Promise<T>) => Promise<T>

function lastingCenter(last: Last, now: () => ControlCenter): ControlCenter {
  return {
    dispatch: (request) => {
      const named = { ...request, id: request.id ?? commandId(crypto.randomUUID()) }
      return last((center) => center.dispatch(named))
    },
    snapshot: () => last((center) => center.snapshot()),
    history: (query) => last((center) => center.history(query)),
    runs: (query) => last((center) => center.runs(query)),
    tasks: (run) => last((center) => center.tasks(run)),
    diff: (run) => last((center) => center.diff(run)),
    patch: (of) => last((center) => center.patch(of)),
    targetSight: (of) => last((center) => center.targetSight(of)),
    commitsBetween: (of) => last((center) => center.commitsBetween(of)),
    rollbackPreview: (of) => last((center) => center.rollbackPreview(of)),
    rebuildContext: (project) => last((center) => center.rebuildContext(project)),
    usage: () => last((center) => center.usage()),
    health: () => last((center) => center.health()),
    vitals: () => last((center) => center.vitals()),
    series: (query) => last((center) => center.series(query)),
    events: (from, signal) => now().events(from, signal),
    terminal: (request, signal) => now().terminal(request, signal),
    input: (attempt, data) => now().input(attempt, data),
    resize: (attempt, columns, rows) => now().resize(attempt, columns, rows),
  }
}
