import { healthPolicyOf } from '../domain/health/policy.ts'
import { lookAtTarget, NEW_TARGET, type TargetMemory } from '../domain/health/targetGauge.ts'
import { isWatched } from '../domain/health/targetHealth.ts'
import type { ProjectId } from '../domain/ids.ts'
import type { TargetSpec } from '../domain/targets/target.ts'
import type { TargetAccess } from './ports/targets.ts'
import type { World } from './world.ts'

/** What is not answered by then is not known, ms. */
const PATIENCE_MS = 10_000

/** Looks at targets nobody is at work on, with every round of the health monitor. */
export class TargetWatch {
  readonly #world: World
  readonly #access: TargetAccess
  readonly #memories = new Map<string, TargetMemory>()

  constructor(world: World, access: TargetAccess) {
    this.#world = world
    this.#access = access
  }

  async round(): Promise<void> {
    const { engine } = this.#world
    const looks = [...engine.state.projects.values()].flatMap(({ id, targets }) =>
      Object.values(targets)
        .filter(isWatched)
        .map(({ spec }) => this.#look(id, spec)),
    )
    await Promise.all(looks)
  }

  async #look(project: ProjectId, spec: TargetSpec): Promise<void> {
    const { engine, scheduling } = this.#world
    const sight = await this.#see(project, spec)
    const record = engine.state.projects.get(project)?.targets[spec.name]
    if (sight === null || record === undefined || !isWatched(record)) return
    const key = `${project}/${spec.name}`
    const { flapping } = healthPolicyOf(engine.state, project)
    const before = this.#memories.get(key) ?? NEW_TARGET
    const isWell = record.state !== 'unhealthy'
    const { memory, turn } = lookAtTarget(before, isWell, sight.healthy, scheduling.now(), flapping)
    this.#memories.set(key, memory)
    if (turn === null) return
    const { words } = sight
    await engine.report({ type: 'report.target-health', project, target: spec.name, words, ...turn })
  }

  /** Null: it cannot be seen, so nothing is known. */
  async #see(
    project: ProjectId,
    spec: TargetSpec,
  ): Promise<{ readonly healthy: boolean | null; readonly words: string } | null> {
    let cancel: (() => void) | undefined
    const late = new Promise<null>((resolve) => {
      cancel = this.#world.scheduling.after(PATIENCE_MS, () => resolve(null))
    })
    try {
      return await Promise.race([this.#access.see(project, spec), late])
    } catch {
      return null
    } finally {
      cancel?.()
    }
  }
}
