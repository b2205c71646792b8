import type { Workspaces } from '../engine/ports/workspaces.ts'

/** Workspaces that are loaded when first needed: a start that only has to find its agents again does without. */
export function lazyWorkspaces(load: () => Promise<Workspaces>): Workspaces {
  let loading: Promise<Workspaces> | undefined
  const loaded = (): Promise<Workspaces> => (loading ??= load())
  return {
    prepareRun: async (run) => (await loaded()).prepareRun(run),
    cut: async (request) => (await loaded()).cut(request),
    commit: async (request) => (await loaded()).commit(request),
    readFiles: async (request) => (await loaded()).readFiles(request),
    merge: async (request) => (await loaded()).merge(request),
    stack: async (request) => (await loaded()).stack(request),
    advance: async (request) => (await loaded()).advance(request),
    remove: async (run, attempt) => (await loaded()).remove(run, attempt),
    apply: async (run) => (await loaded()).apply(run),
    discard: async (run) => (await loaded()).discard(run),
    diff: async (run) => (await loaded()).diff(run),
    fileHistory: async (run, paths) => (await loaded()).fileHistory(run, paths),
    handHistory: async (works, paths) => (await loaded()).handHistory(works, paths),
    list: async (project) => (await loaded()).list(project),
    checkpoint: async (request) => (await loaded()).checkpoint(request),
    watch: async (request) => (await loaded()).watch(request),
    setAside: async (request) => (await loaded()).setAside(request),
    putBack: async (request) => (await loaded()).putBack(request),
    missing: async (run, attempt, paths) => (await loaded()).missing(run, attempt, paths),
    publish: async (run, attempt, path, maxBytes) => (await loaded()).publish(run, attempt, path, maxBytes),
    putArtifact: async (project, data, maxBytes) => (await loaded()).putArtifact(project, data, maxBytes),
    artifactPath: async (project, hash) => (await loaded()).artifactPath(project, hash),
  }
}
