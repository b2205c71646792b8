import type Docker from 'dockerode'
import type { Runner } from '../engine/ports/runner.ts'
import type { TargetAccess } from '../engine/ports/targets.ts'
import { asRunnerError, call, connectDocker } from '../runners/docker/client.ts'
import { resolveImage } from '../runners/docker/images.ts'
import { targetAccess } from './access.ts'
import { NO_POINTS, type PointSteps } from './actions.ts'
import type { DockerTools } from './docker/place.ts'
import { dockerPlanners } from './docker/planners.ts'
import { composeReach } from './places/compose.ts'
import { helmReach } from './places/helm.ts'
import { kubectlReach } from './places/kubectl.ts'
import { type ReachOf, reachPlanners } from './places/planners.ts'
import { sshReach } from './places/ssh.ts'
import { type Planners, plannerOf } from './planner.ts'
import { createTargetRunner } from './runner.ts'

export interface TargetOptions {
  readonly install: string
  readonly dataDir: string
  /** The daemon's socket; default: `DOCKER_HOST`, or the usual place. */
  readonly socketPath?: string
  /** Who containers of targets run as; not root. */
  readonly uid: number
  readonly gid: number
  /** How long a database that says nothing is waited for; ms. Default: docker/liveness.ts. */
  readonly answerMs?: number
  /** What rollback points add, given what acts on Docker; absent where there are none. */
  readonly points?: (tools: DockerTools) => PointParts
}

export interface PointParts {
  /** Before deployments and migrations. */
  readonly steps: PointSteps
  /** `point` and `restore`. */
  readonly planners: Planners
  readonly aside: NonNullable<TargetAccess['aside']>
}

export interface Targets {
  readonly runner: Runner
  readonly access: TargetAccess
}

/** Everything that acts on targets, wired. */
export function createTargets(options: TargetOptions): Targets {
  const { install, dataDir, uid, gid, answerMs } = options
  const { docker, close } = connectDocker(options.socketPath)
  const more = answerMs === undefined ? {} : { answerMs }
  const tools: DockerTools = { docker, install, dataDir, uid, gid, cpus: cpusOf(docker), ...more }
  const points = options.points?.(tools)
  const steps = points?.steps ?? NO_POINTS
  const reached = (reach: ReachOf, local = false) => reachPlanners(tools, reach, steps, local)
  const runner = createTargetRunner({
    dataDir,
    planner: plannerOf({
      docker: dockerPlanners(tools, steps),
      compose: reached((spec) => composeReach(tools, spec), true),
      ssh: reached(sshReach),
      kubectl: reached(kubectlReach),
      helm: reached(helmReach),
      any: points?.planners ?? {},
    }),
    resolveImage: async (image, root, onProgress) => {
      try {
        return await resolveImage(docker, image, root, onProgress)
      } catch (error) {
        throw asRunnerError(error, 'prepare the image')
      }
    },
    close,
  })
  const access = targetAccess(tools)
  return { runner, access: points === undefined ? access : { ...access, aside: points.aside } }
}

/** For looking at targets where no engine runs: takes nothing up. */
export function createTargetAccess(options: TargetOptions): TargetAccess {
  const { install, dataDir, uid, gid } = options
  const { docker } = connectDocker(options.socketPath)
  const tools = { docker, install, dataDir, uid, gid, cpus: cpusOf(docker) }
  const points = options.points?.(tools)
  const access = targetAccess(tools)
  return points === undefined ? access : { ...access, aside: points.aside }
}

/** Asked once. */
function cpusOf(docker: Docker): () => Promise<number> {
  let known: Promise<number> | undefined
  // Its type lacks the options.
  const info = docker.info as (options: object) => Promise<{ readonly NCPU: number }>
  return () => {
    known ??= call((abortSignal) => info.call(docker, { abortSignal })).then(({ NCPU }) => NCPU)
    known.catch(() => {
      known = undefined
    })
    return known
  }
}
