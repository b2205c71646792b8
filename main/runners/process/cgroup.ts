import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { LimitValues } from './limits.ts'

/**
 * Control groups (version 2) for agents, where this process may make some: as root, or where the system has given its
 * user a part of the tree (systemd does so for a user's session). One group for the installation, one in it for each
 * agent. Where there are none every call here does nothing.
 */
export interface Cgroups {
  readonly controllers: readonly string[]
  limits(controller: string): boolean
  /** Makes an agent's group with its limits; null where there are no groups. Idempotent. */
  make(key: string, limits: LimitValues): string | null
  /** Removes an agent's group once it is empty. */
  remove(key: string): void
}

export const NO_CGROUPS: Cgroups = {
  controllers: [],
  limits: () => false,
  make: () => null,
  remove: () => undefined,
}

const WANTED = ['cpu', 'memory', 'pids'] as const
const CPU_PERIOD_US = 100_000

/** Finds, or makes, the installation's group. `root` and `self` are the system's own but for tests. */
export function openCgroups(install: string, root = '/sys/fs/cgroup', self = '/proc/self/cgroup'): Cgroups {
  if (process.platform !== 'linux') return NO_CGROUPS
  try {
    const own = ownGroup(readFileSync(self, 'latin1'))
    if (own === undefined || !existsSync(join(root, 'cgroup.controllers'))) return NO_CGROUPS
    // Only a group without processes of its own can hand controllers on, so the one beside ours comes first.
    for (const parent of new Set([dirname(own), own])) {
      const found = openIn(join(root, parent), install)
      if (found !== undefined) return found
    }
  } catch {
    // Not ours to change.
  }
  return NO_CGROUPS
}

/** `0::/user.slice/…`; undefined where version 2 is not in use. */
function ownGroup(text: string): string | undefined {
  return /^0::(\/.*)$/m.exec(text)?.[1]
}

/** Undefined where no group that limits anything can be made. */
function openIn(parent: string, install: string): Cgroups | undefined {
  const folder = join(parent, `amphitheatre-${install}`)
  try {
    mkdirSync(folder, { recursive: true })
    const here = words(join(folder, 'cgroup.controllers'))
    const controllers = WANTED.filter((name) => here.includes(name) && enable(folder, name))
    if (controllers.length > 0) return groupsIn(folder, controllers)
    rmdirSync(folder)
  } catch {
    // Not ours to change.
  }
  return undefined
}

function enable(folder: string, controller: string): boolean {
  try {
    writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`)
    return true
  } catch {
    return false
  }
}

function groupsIn(folder: string, controllers: readonly string[]): Cgroups {
  return {
    controllers,
    limits: (controller) => controllers.includes(controller),
    make: (key, limits) => {
      const group = join(folder, key)
      mkdirSync(group, { recursive: true })
      for (const [name, value] of settings(controllers, limits)) writeIfThere(join(group, name), value)
      return group
    },
    remove: (key) => {
      try {
        rmdirSync(join(folder, key))
      } catch {
        // Never made, or something in it dies hard: an empty group costs next to nothing.
      }
    },
  }
}

export function settings(
  controllers: readonly string[],
  { cpus, memoryBytes, pids }: LimitValues,
): readonly (readonly [file: string, value: string])[] {
  const all: Record<(typeof WANTED)[number], readonly (readonly [string, string])[]> = {
    cpu: [['cpu.max', `${Math.max(1_000, Math.round(cpus * CPU_PERIOD_US))} ${CPU_PERIOD_US}`]],
    memory: [
      ['memory.max', String(memoryBytes)],
      ['memory.swap.max', '0'],
    ],
    pids: [['pids.max', String(pids)]],
  }
  return WANTED.filter((name) => controllers.includes(name)).flatMap((name) => all[name])
}

/** Whether the kernel killed something in the group because its memory was used up. */
export function ranOutOfMemory(group: string): boolean {
  try {
    return /^oom_kill [1-9]/m.test(readFileSync(join(group, 'memory.events'), 'latin1'))
  } catch {
    return false
  }
}

function words(file: string): readonly string[] {
  return readFileSync(file, 'latin1').trim().split(' ')
}

/** Swap may not be accounted for on this kernel. */
function writeIfThere(file: string, value: string): void {
  if (existsSync(file)) writeFileSync(file, value)
}
