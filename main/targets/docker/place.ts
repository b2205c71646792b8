import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type Docker from 'dockerode'
import type { TargetPlace, TargetSpec } from '../../domain/targets/target.ts'
import { digest, LABELS } from '../../runners/docker/labels.ts'

/** What acts on targets of this machine's Docker. */
export interface DockerTools {
  readonly docker: Docker
  readonly install: string
  readonly dataDir: string
  /** Who containers run as; not root. */
  readonly uid: number
  readonly gid: number
  /** CPU cores of the daemon's machine: asking for more is an error to Docker. */
  readonly cpus: () => Promise<number>
  /** How long a database that says nothing is waited for; ms. Default: liveness.ts. */
  readonly answerMs?: number
}

/** A target in this machine's Docker: its names, and its folder in the data folder. */
export interface DockerPlace extends DockerTools {
  readonly project: string
  readonly target: TargetSpec
  readonly spec: Extract<TargetPlace, { kind: 'docker' }>
  /** The same for the same install, project and target, and for no other. */
  readonly id: string
  /** Holds `proxy/` and `secrets/`. */
  readonly folder: string
}

export type Part = 'proxy' | 'service' | 'database' | 'task'

/** Inside, the proxy listens there. */
export const PROXY_PORT = 8080
/** Names on the target's network. */
export const PROXY_NAME = 'target'
export const DATABASE_NAME = 'database'

/** Undefined for targets elsewhere. */
export function dockerPlace(
  tools: DockerTools,
  project: string,
  target: TargetSpec,
): DockerPlace | undefined {
  const spec = target.place
  if (spec.kind !== 'docker') return undefined
  const id = targetId(tools.install, project, target.name)
  const folder = join(tools.dataDir, 'targets', 'places', id)
  return { ...tools, project, target, spec, id, folder }
}

export function targetId(install: string, project: string, target: string): string {
  return digest(`${install}\n${project}\n${target}`).slice(0, 12)
}

/** A folder of the target's own, which the containers' user may enter. */
export function ownFolder(place: DockerPlace, ...names: readonly string[]): string {
  const folder = join(place.folder, ...names)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  give(place, folder)
  return folder
}

/** To the user containers run as, where the program runs as root; else it is that user. */
export function give({ uid, gid }: DockerPlace, path: string): void {
  if (process.getuid?.() === 0) chownSync(path, uid, gid)
}

export function labelsOf(place: DockerPlace, part?: Part): Record<string, string> {
  return {
    [LABELS.install]: place.install,
    [LABELS.project]: place.project,
    [LABELS.target]: place.target.name,
    ...(part === undefined ? {} : { [LABELS.part]: part }),
  }
}

export function nameOfPart(place: DockerPlace, part: string): string {
  return `amphi-target-${place.id}-${part}`
}

/** What somebody on this machine types into a browser. */
export function urlOf({ spec }: DockerPlace): string {
  return `http://127.0.0.1:${spec.port}`
}

/** The same for who is on the target's network. */
export const URL_INSIDE = `http://${PROXY_NAME}:${PROXY_PORT}`
