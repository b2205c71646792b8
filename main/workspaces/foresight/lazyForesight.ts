import type { Foresight } from '../../engine/ports/foresight.ts'

/** Foresight that is loaded when somebody works. */
export function lazyForesight(load: () => Promise<Foresight>): Foresight {
  let loading: Promise<Foresight> | undefined
  const loaded = (): Promise<Foresight> => (loading ??= load())
  return {
    look: async (request) => (await loaded()).look(request),
    evidence: async (project, work, files) => (await loaded()).evidence(project, work, files),
    forget: async (project) => (await loaded()).forget(project),
  }
}
