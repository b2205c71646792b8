import type { AttemptId } from '../main/domain/ids.ts'
import type { AgentFiles } from '../main/engine/ports/agentFiles.ts'
import type { Doors } from '../main/engine/ports/doors.ts'
import type { Foresight } from '../main/engine/ports/foresight.ts'
import type { GateReader } from '../main/engine/ports/gateReader.ts'
import { type AgentExit, type Runner, RunnerError } from '../main/engine/ports/runner.ts'
import { WorkspaceError, type Workspaces } from '../main/engine/ports/workspaces.ts'
import { type Outside, outsideCall } from './faults.ts'
import { mayWrite, STRAY, setAside, watchStrays } from './straying.ts'
import type { Life } from './turns.ts'
import { attemptOf, count, isCheck, isGateCheck, namedCommit, observe, type SimulatedWorld } from './world.ts'

/** The engine's ports onto the simulated world, for one life of the engine. */
export function simulatedRunner(world: SimulatedWorld, outside: Outside, life: Life): Runner {
  const call = <T>(name: string, attempt: AttemptId | null, work: () => T): Promise<T> =>
    outsideCall(
      outside,
      life,
      `runner.${name}`,
      attempt,
      work,
      (what) => new RunnerError('unavailable', `${what} failed`, ''),
    )
  return {
    kind: 'simulated',
    isolated: true,
    check: async () => ({ status: 'ready', version: '1' }),
    prepareRun: ({ run }) => call('prepareRun', null, () => void world.networks.add(run)),
    releaseRun: ({ run }) => call('releaseRun', null, () => void world.networks.delete(run)),
    resolveImage: async () => 'image',
    start: ({ attempt }) => call(startOf(attempt), attempt, () => world.start(attempt)),
    list: () => call('list', null, () => [...world.containers.values()].map(observe)),
    find: (attempt) =>
      call('find', attempt, () => {
        const container = world.containers.get(attempt)
        return container === undefined ? undefined : observe(container)
      }),
    wait: (attempt) => waitFor(world, outside, life, attempt),
    stop: (attempt, graceMs) => call('stop', attempt, () => world.stop(attempt, graceMs)),
    pause: (attempt) => call('pause', attempt, () => world.pause(attempt, true)),
    resume: (attempt) => call('resume', attempt, () => world.pause(attempt, false)),
    remove: (attempt) => call('remove', attempt, () => world.remove(attempt)),
    output: async function* (attempt) {
      if (world.containers.has(attempt)) yield new Uint8Array(0)
    },
    input: async () => undefined,
    resize: async () => undefined,
    exec: (attempt) => call('exec', attempt, () => world.exec(attempt)),
    usage: async () => undefined,
    onReconnect: () => () => undefined,
    close: async () => undefined,
  }
}

function startOf(attempt: AttemptId): string {
  if (isCheck(attempt)) return 'startCheck'
  return isGateCheck(attempt) ? 'startGateCheck' : 'start'
}

async function waitFor(
  world: SimulatedWorld,
  outside: Outside,
  life: Life,
  attempt: AttemptId,
): Promise<AgentExit> {
  await outside.turns.wait(life, 0)
  const container = world.containers.get(attempt)
  if (container === undefined) throw new RunnerError('refused', `there is no ${attempt}`, '')
  if (container.status !== 'exited') await new Promise<void>((resolve) => container.watchers.push(resolve))
  await outside.turns.wait(life, outside.random.int(0, 5))
  if (outside.random.chance(outside.rates.fail)) throw new RunnerError('unavailable', 'wait failed', '')
  if (container.exit === null) throw new RunnerError('refused', `${attempt} is gone`, '')
  return container.exit
}

export function simulatedWorkspaces(world: SimulatedWorld, outside: Outside, life: Life): Workspaces {
  const call = <T>(name: string, key: string, work: () => T): Promise<T> =>
    outsideCall(
      outside,
      life,
      `workspaces.${name}`,
      key,
      work,
      (what) => new WorkspaceError('transient', `${what} failed`, ''),
    )
  const base = namedCommit('base')
  return {
    prepareRun: ({ run }) =>
      call('prepareRun', run, () => ({ base, branch: 'main', tip: base, warnings: [] })),
    cut: ({ attempt, base: from }) =>
      call(isCheck(attempt) || isGateCheck(attempt) ? 'cutCheck' : 'cut', attempt, () => {
        world.clones.add(attempt)
        if (isCheck(attempt)) world.branch.clone(attempt, from)
        return {
          status: 'cut',
          commit: namedCommit(`cut ${attempt}`),
          path: `/w/${attempt}`,
          readOnlyMounts: [],
        } as const
      }),
    commit: ({ attempt, writes }) =>
      call('commit', attempt, () => {
        const commit = writes.length === 0 ? null : namedCommit(`work ${attempt}`)
        const isNew = commit !== null && !world.commits.has(attempt)
        if (isNew) count(world.commits, attempt)
        const strayed = world.strays.has(attempt)
        if (isNew && strayed && mayWrite(writes)) world.strayed.set(attempt, writes)
        const undeclared = strayed && !mayWrite(writes) ? [STRAY] : []
        const patch = undeclared.length > 0 && commit !== null ? 'f'.repeat(64) : null
        return { commit, changed: 1, undeclared, patch, refused: [], artifacts: null }
      }),
    readFiles: async () => ({ files: [], more: 0 }),
    merge: ({ run, commit }) =>
      call('merge', commit, () => {
        if (world.merges.has(commit)) return { status: 'merged', tip: namedCommit(`tip ${run}`) } as const
        if (world.random.chance(world.behaviour.conflicting))
          return { status: 'conflict', files: ['a.ts'] } as const
        count(world.merges, commit)
        return { status: 'merged', tip: namedCommit(`tip ${run}`) } as const
      }),
    stack: ({ items }) =>
      call('stack', items.map(({ task }) => task).join(), () => {
        const { branch } = world
        const from = branch.commitOf(branch.tip)
        const contents = items.map(({ commit }) => attemptOf(commit))
        const clashing = items.findIndex(({ commit }) => world.conflicting(commit))
        if (clashing !== -1) return { status: 'conflict', item: clashing, files: ['a.ts'] } as const
        const more = contents.filter((attempt) => !branch.tip.includes(attempt))
        return { status: 'stacked', from, to: branch.commitOf([...branch.tip, ...more]) } as const
      }),
    advance: ({ items, from, to }) =>
      call('advance', to, () => {
        const { branch } = world
        const isThere = items.every(({ commit }) => branch.tip.includes(attemptOf(commit)))
        if (isThere) return
        if (branch.commitOf(branch.tip) !== from) throw new Error('the branch is not where it was checked')
        branch.move(to)
        for (const { commit } of items) count(world.merges, commit)
      }),
    remove: (_, attempt) => call('remove', attempt, () => void world.clones.delete(attempt)),
    apply: ({ run }) =>
      call('apply', run, () => {
        const already = world.deliveries.has(`apply ${run}`)
        if (!already) count(world.deliveries, `apply ${run}`)
        return { status: already ? 'already' : 'applied', branch: 'main', commit: base } as const
      }),
    discard: ({ run }) =>
      call('discard', run, () => {
        if (!world.deliveries.has(`discard ${run}`)) count(world.deliveries, `discard ${run}`)
      }),
    diff: async () => '',
    list: () => call('list', '', () => [...world.clones]),
    checkpoint: ({ attempt, count: n }) =>
      call('checkpoint', attempt, () => {
        const commit = namedCommit(`checkpoint ${n} ${attempt}`)
        if (!world.checkpoints.has(commit)) count(world.checkpoints, commit)
        return commit
      }),
    watch: (request) => call('watch', request.attempt, () => watchStrays(world, outside, life, request)),
    setAside: (request) => call('setAside', request.attempt, () => setAside(world, request)),
    putBack: ({ attempt, count: n }) =>
      call('putBack', attempt, () => {
        if (world.asides.has(`${attempt} ${n}`)) world.strays.add(attempt)
      }),
    missing: (_, attempt) => call('missing', attempt, () => []),
    publish: (_, attempt, path) =>
      call('publish', attempt, () => ({ hash: namedCommit(`${attempt} ${path}`).padEnd(64, '0'), bytes: 1 })),
    putArtifact: async () => {
      throw new Error('nothing is uploaded in a simulation')
    },
    fileHistory: async () => [],
    handHistory: async () => [],
    artifactPath: async () => undefined,
  }
}

/** Every report is there and well. */
export function simulatedGates(outside: Outside, life: Life): GateReader {
  return {
    measure: ({ commit }) =>
      outsideCall(
        outside,
        life,
        'gates.measure',
        commit,
        () => ({ found: { kind: 'paths', paths: [], more: 0 }, reports: [] }),
        (what) => new WorkspaceError('transient', `${what} failed`, ''),
      ),
  }
}

/** Sees conflicts where chance has it, and changes its mind as often. */
export function simulatedForesight(outside: Outside, life: Life): Foresight {
  const { random } = outside
  const call = <T>(name: string, key: string, work: () => T): Promise<T> =>
    outsideCall(
      outside,
      life,
      `foresight.${name}`,
      key,
      work,
      (what) => new WorkspaceError('transient', `${what} failed`, ''),
    )
  return {
    look: ({ project, pairs }) =>
      call('look', project, () => {
        const unknown = pairs.filter(() => random.chance(0.1))
        const seen = pairs.filter((pair) => !unknown.includes(pair) && random.chance(0.4))
        const conflicts = seen.map((pair) => ({ pair, files: [random.pick(['a.ts', 'b.ts'])] }))
        const cost = { pairs: pairs.length, known: 0, apart: 0, merged: pairs.length, ms: 0 }
        return { conflicts, unknown, unread: [], cost }
      }),
    evidence: (project, work) =>
      call('evidence', project, () => ({ hash: namedCommit(work).padEnd(64, '0'), bytes: 1 })),
    forget: (project) => call('forget', project, () => undefined),
  }
}

/** Doors are a way to the engine and nothing else: what is in their folders is not simulated. */
export const simulatedDoors: Doors = {
  open: async ({ id }) => ({ folder: `/d/${id}`, context: '/c', env: {} }),
  close: async () => undefined,
  detach: async () => undefined,
}

export function simulatedFiles(world: SimulatedWorld): AgentFiles {
  return {
    prepareExchange: async (_, attempt) => `/x/${attempt}`,
    wasStarted: async (_, attempt) => world.latches.has(attempt),
    wasStartedAgain: async (_, attempt) => world.startedAgain.has(attempt),
    readOutputs: async (_, attempt) => ({ ok: true, outputs: { of: attempt } }),
    removeExchange: async () => undefined,
    output: () => ({
      size: async () => 0,
      append: async () => undefined,
      read: async () => ({ offset: 0, data: new Uint8Array(0) }),
      changed: async () => undefined,
      close: async () => undefined,
    }),
  }
}
