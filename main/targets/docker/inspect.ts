import { formatBytes } from '../../domain/bytes.ts'
import { formatDuration } from '../../domain/duration.ts'
import type { RollbackPoint } from '../../domain/points/point.ts'
import type { ReleasedAt, TargetRecord } from '../../domain/targets/target.ts'
import { LABELS } from '../../runners/docker/labels.ts'
import type { ActionSpec } from '../actions.ts'
import type { ActionPlan } from '../step.ts'
import { listParts, nameOf } from './containers.ts'
import { memoryFacts, memorySigns, NO_SIGNS } from './memorySigns.ts'
import { type DockerPlace, urlOf } from './place.ts'
import { answering } from './service.ts'
import { answers } from './verify.ts'

const MINUTE_MS = 60_000

/** Looks, for an incident: outputs `finding`, `cause`, `confidence` (0 to 1) and `evidence`. */
export function inspectPlan(place: DockerPlace | undefined, spec: ActionSpec): ActionPlan {
  return {
    steps: [
      {
        key: 'inspect',
        title: 'Look at it',
        limitMs: 2 * MINUTE_MS,
        perform: async ({ signal, say }) => {
          const finding = await inspect(place, spec, signal)
          say(`${finding.finding}: ${finding.evidence}`)
          return { ...finding }
        },
      },
    ],
    done: ({ finding = '', cause = '', confidence = '0', evidence = '' }) => ({
      finding,
      cause,
      confidence,
      evidence,
    }),
    failed: (_, { words }) => ({ finding: 'unknown', cause: '', confidence: '0', evidence: words }),
  }
}

interface Finding {
  readonly finding: string
  /** Empty: nothing that would explain an incident. */
  readonly cause: string
  readonly confidence: string
  readonly evidence: string
}

async function inspect(
  place: DockerPlace | undefined,
  { action: job }: ActionSpec,
  signal: AbortSignal,
): Promise<Finding> {
  const what = job.action.do === 'inspect' ? job.action.what : 'health'
  switch (what) {
    case 'recent-deploys':
      return recentDeploys(job)
    case 'snapshot-ready': {
      const good = job.points.findLast((point) => point.good)
      const kept = `${count(job.points.length, 'point is', 'points are')} kept`
      if (good === undefined)
        return {
          finding: 'no-snapshot',
          cause: '',
          confidence: '1',
          evidence: `${kept}, none of a good state`,
        }
      const what = good.database === null ? '' : `, with ${formatBytes(good.database.bytes)} of data`
      return {
        finding: 'snapshot-ready',
        cause: '',
        confidence: '1',
        evidence: `${good.id}, made ${ago(job.at - good.at)}${what}; ${kept}`,
      }
    }
    case 'health':
      return place === undefined
        ? {
            finding: 'unknown',
            cause: '',
            confidence: '0',
            evidence: 'it is not in the Docker of this machine',
          }
        : health(place, job, signal)
  }
}

const RECENT_MS = 60 * MINUTE_MS

/**
 * What was released shortly before trouble is the first thing to suspect, the later the more; and where the schema was
 * changed since the last release that verified, that: the releases before do not know it either.
 */
function recentDeploys({ known, points, at: now }: ActionSpec['action']): Finding {
  const recent = (known?.history ?? []).filter(({ at }) => now - at <= RECENT_MS)
  const releases = recent.map((one) => deployed(one, now))
  const last = recent[0]
  const migrated = migrationsSince(known, points, now)
  if (migrated.length > 0)
    return {
      finding: 'recent-migration',
      cause: 'bad_migration',
      confidence: last?.verified === false ? '0.80' : '0.50',
      evidence: [...migrated, ...releases].join('; '),
    }
  if (last === undefined)
    return {
      finding: 'no-recent-deploy',
      cause: '',
      confidence: '0.9',
      evidence: 'nothing was released within the last hour',
    }
  const age = (now - last.at) / RECENT_MS
  return {
    finding: 'recent-deploy',
    cause: 'bad_deploy',
    confidence: (last.verified === false ? 0.9 : 0.8 - 0.4 * age).toFixed(2),
    evidence: releases.join('; '),
  }
}

/** Every migration makes a point of what was there before it; what it made of that, the next point tells. */
function migrationsSince(
  known: TargetRecord | null,
  points: readonly RollbackPoint[],
  now: number,
): readonly string[] {
  const well = known?.history.find(({ verified }) => verified === true)?.at ?? 0
  return points.flatMap((point, i) => {
    if (point.why !== 'migrate' || point.at < well || now - point.at > RECENT_MS) return []
    const [from, to] = [point, points[i + 1]].map((one) => one?.database?.schemaVersion ?? null)
    const what = from === null || to === null ? '' : ` from ${from} to ${to}`
    return [`schema migrated${what} ${ago(now - point.at)}`]
  })
}

function deployed({ release, at, verified }: ReleasedAt, now: number): string {
  const how = verified === null ? '' : verified ? ', verified' : ', not verified'
  return `${release.version} released ${ago(now - at)}${how}`
}

async function health(
  place: DockerPlace,
  { trend, at }: ActionSpec['action'],
  signal: AbortSignal,
): Promise<Finding> {
  const { ok, words } = await answers(urlOf(place), [place.spec.service.health.path], signal)
  const parts = await listParts(place)
  const now = await answering(place)
  // The releases before are stopped, and kept to be gone back to.
  const wanted = parts.filter((one) => one.Labels[LABELS.part] !== 'service' || one.Id === now?.Id)
  const down = wanted.filter((one) => one.State !== 'running').map(nameOf)
  const memory = now === undefined ? NO_SIGNS : memorySigns(await memoryFacts(place, now, trend, at))
  const evidence = [
    words,
    ...memory.words,
    ...(down.length === 0 ? [] : [`stopped: ${down.join(', ')}`]),
  ].join('; ')
  const { confidence } = memory
  if (confidence > 0)
    return { finding: 'short-of-memory', cause: 'memory_leak', confidence: confidence.toFixed(2), evidence }
  return { finding: ok ? 'healthy' : 'unhealthy', cause: '', confidence: '0.9', evidence }
}

function ago(ms: number): string {
  return ms < 1_500 ? 'just now' : `${formatDuration(Math.round(ms / 1_000) * 1_000)} ago`
}

function count(n: number, one: string, more: string): string {
  return `${n} ${n === 1 ? one : more}`
}
