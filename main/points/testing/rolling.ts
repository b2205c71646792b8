import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attemptId, projectId, runId, taskId } from '../../domain/ids.ts'
import type { RollbackPoint } from '../../domain/points/point.ts'
import type { Release, ReleasedAt, TargetSpec, TaskAction } from '../../domain/targets/target.ts'
import { POSTGRES_IMAGE } from '../../runners/docker/postgresImage.ts'
import type { ActionSpec } from '../../targets/actions.ts'
import type { PointParts } from '../../targets/createTargets.ts'
import { type DockerTools, dockerPlace } from '../../targets/docker/place.ts'
import { psql } from '../../targets/docker/postgres.ts'
import { type Acted, createTargetBench, type TargetBench } from '../../targets/testing/bench.ts'
import { createPointCommits } from '../../workspaces/pointCommits.ts'
import { createPoints, createPointTools } from '../createPoints.ts'

/**
 * A target with a PostgreSQL and a repository, points and all, and the little of the engine that remembers what
 * actions told: points and what is released.
 */
export interface Rolling {
  readonly bench: TargetBench
  readonly root: string
  readonly points: RollbackPoint[]
  /** Starts an action and takes its outputs. `run` for those that belong together. */
  act(action: TaskAction, run?: string): Promise<Acted>
  /** The same, and it has to succeed. */
  done(action: TaskAction, run?: string): Promise<Acted>
  /** The next attempt of that run. */
  spec(action: TaskAction, run?: string): ActionSpec
  take(acted: Acted): Acted
  sql(statements: string, database?: string): Promise<string>
  git(...args: readonly string[]): string
  dispose(): Promise<void>
}

export async function startRolling(
  change: Partial<TargetSpec> = {},
  socketPath?: string,
  answerMs?: number,
): Promise<Rolling> {
  const database = { kind: 'postgres', name: 'shop', hook: null } as const
  const bench = await createTargetBench(
    { database, envFiles: ['.env'], ...change },
    pointsFor,
    socketPath,
    answerMs,
  )
  const root = join(bench.folder, 'shop')
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', root, '-c', 'user.name=U', '-c', 'user.email=u@x', ...args], {
      encoding: 'utf8',
    }).trim()
  execFileSync('git', ['init', '-q', '-b', 'main', root])
  writeFileSync(join(root, '.gitignore'), '.env\n')
  writeFileSync(join(root, '.env'), 'LEVEL=1\n', { mode: 0o640 })
  git('add', '-A')
  git('commit', '-qm', 'v1')
  const points: RollbackPoint[] = []
  let current: ReleasedAt | null = null
  let count = 0
  const spec = (action: TaskAction, run = 'run-1'): ActionSpec => {
    const made = bench.spec(action)
    const known = {
      spec: bench.target,
      current,
      history: [],
      state: 'healthy' as const,
      busy: null,
      reason: null,
    }
    return {
      ...made,
      run: runId(run),
      attempt: attemptId(runId(run), taskId(`step-${++count}`), 1),
      image: POSTGRES_IMAGE,
      action: {
        ...made.action,
        root,
        known,
        points: [...points],
        at: new Date(2026, 10, 21, 14, 35).getTime(),
      },
    }
  }
  const take = (acted: Acted): Acted => {
    const { point, release } = acted.outputs
    if (point !== undefined) points.push(recorded(JSON.parse(point), points.length + 1))
    if (release !== undefined)
      current = { release: JSON.parse(release) as Release, by: '', at: 0, before: null, verified: true }
    return acted
  }
  const act: Rolling['act'] = async (action, run) => take(await bench.act(spec(action, run)))
  const place = dockerPlace(bench.tools, projectId('shop'), bench.target)!
  return {
    bench,
    root,
    points,
    spec,
    take,
    act,
    done: async (action, run) => succeeded(action, await act(action, run)),
    sql: (statements, name = 'shop') => psql(place, name, statements, AbortSignal.timeout(60_000)),
    git,
    dispose: () => bench.dispose(),
  }
}

export function succeeded(action: TaskAction, acted: Acted): Acted {
  const { error } = acted.exit
  if (error !== null) throw new Error(`${action.do}: ${error}`)
  return acted
}

export function pointsFor(tools: DockerTools): PointParts {
  const commits = createPointCommits({ dataDir: tools.dataDir })
  return createPoints(createPointTools({ dataDir: tools.dataDir, commits }, tools), tools)
}

function recorded(content: Partial<RollbackPoint>, n: number): RollbackPoint {
  const facts = { id: `p${n}`, at: 0, by: 'test', good: true, pinned: false, tested: null, copiedTo: null }
  return { ...facts, ...content } as RollbackPoint
}
