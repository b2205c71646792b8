import { DEFAULT_IMAGE } from '../config/project.ts'
import type { Plan } from '../domain/plan.ts'
import type { ImageSpec } from '../domain/project.ts'
import type { RunnerHealth } from '../engine/ports/runner.ts'

/** Whether and by which runner a plan can run on this machine. */

export type Look = (kind: string) => Promise<RunnerHealth>

/** Containers where there are any, else processes; where neither can be used, what keeps containers from it counts. */
export async function chooseRunner(wish: string, look: Look): Promise<string> {
  if (wish !== 'auto') return wish
  if ((await look('docker')).status === 'ready') return 'docker'
  return (await look('process')).status === 'ready' ? 'process' : 'docker'
}

/** The runners an engine told of; one it has not is `unavailable`. */
export function lookIn(known: Readonly<Record<string, RunnerHealth>>): Look {
  return async (kind) => known[kind] ?? unknownRunner(known)
}

function unknownRunner(known: Readonly<Record<string, RunnerHealth>>): RunnerHealth {
  const remedy = `Use one of: ${Object.keys(known).join(', ')}.`
  return { status: 'unavailable', reason: 'the running engine has no such runner', remedy }
}

/** Does any of its agents need the image that is built on this machine? */
export function usesDefaultImage(plan: Plan): boolean {
  const isDefault = (image: ImageSpec | null) =>
    image !== null && 'ref' in image && 'ref' in DEFAULT_IMAGE && image.ref === DEFAULT_IMAGE.ref
  return (
    isDefault(plan.image) ||
    plan.tasks.some((task) => isDefault(task.image)) ||
    plan.roles.some((role) => isDefault(role.image))
  )
}
