import type { RollbackPoint } from '../../domain/points/point.ts'
import type { ReleasedAt, TargetRecord } from '../../domain/targets/target.ts'
import type { ActionSpec, PointSteps } from '../actions.ts'
import { type ActionPlan, type Facts, StepError } from '../step.ts'
import { labelOf, listParts, nameOf, remove } from './containers.ts'
import { databaseSteps, databaseWiring } from './databaseSteps.ts'
import { networkStep, pointsOf, released } from './deploy.ts'
import { oneOffName, runOnce } from './oneOff.ts'
import { type DockerPlace, URL_INSIDE, urlOf } from './place.ts'
import { releaseSteps } from './releaseSteps.ts'
import { answering } from './service.ts'
import { answers, verify } from './verify.ts'

/** What else is done at a target of this machine's Docker. */

const MINUTE_MS = 60_000

/** Runs a command against its database, once, after a rollback point was made. */
export function migratePlan(place: DockerPlace, spec: ActionSpec, points: PointSteps): ActionPlan {
  const name = `migrate ${spec.attempt}`
  return {
    steps: [
      networkStep(place),
      ...databaseSteps(place),
      ...points(spec, 'migrate'),
      {
        key: 'migrate',
        title: 'Migrate',
        limitMs: 24 * 60 * MINUTE_MS,
        final: true,
        perform: async (context) => {
          const { code, words } = await runOnce(place, context, {
            name,
            image: { ref: spec.image },
            command: spec.command,
            role: 'owner',
            env: { ...spec.env, AMPHITHEATRE_TARGET_URL: URL_INSIDE },
            withinMs: 24 * 60 * MINUTE_MS,
            code: spec.workspace === null ? null : { folder: spec.workspace, mounts: spec.readOnlyMounts },
            keep: true,
          })
          if (code === 0) return undefined
          throw new StepError(
            `The migration ended with code ${code}: ${words.split('\n').at(-1) ?? ''}`,
            'What it changed before that is still there. Go back with: amphi rollback.',
            { facts: { migrated: 'half' } },
          )
        },
        undo: ({ folder }) => remove(place.docker, oneOffName(place, `${folder} ${name}`)),
      },
      {
        key: 'clear',
        title: 'Remove its container',
        limitMs: MINUTE_MS,
        optional: true,
        perform: async ({ folder }) => {
          await remove(place.docker, oneOffName(place, `${folder} ${name}`))
          return undefined
        },
      },
    ],
    done: (facts) => pointsOf(facts),
    failed: (facts, { words, undone, step }) => {
      const begun = step === 'migrate'
      if (!begun && undone) return pointsOf(facts)
      return { ...pointsOf(facts), state: 'half', reason: words }
    },
  }
}

export function verifyPlan(place: DockerPlace): ActionPlan {
  const { verify: wanted } = place.target
  return {
    steps: [
      {
        key: 'verify',
        title: 'Verify what answers at its address',
        limitMs: wanted.timeoutMs + wanted.settleMs + MINUTE_MS,
        perform: async (context) => {
          const result = await verify(place, context)
          if (result.ok) return undefined
          const remedy = 'Look at its log, or go back with: amphi rollback.'
          throw new StepError(`${place.target.name} does not verify: ${result.words}`, remedy)
        },
      },
    ],
    done: () => ({ verified: 'true', state: 'healthy' }),
    failed: (_, { words }) => ({ verified: 'false', state: 'unhealthy', reason: words }),
  }
}

/** A fresh container of the release that answers takes its place, as a new version would. */
export function restartPlan(place: DockerPlace, spec: ActionSpec): ActionPlan {
  return {
    steps: [
      {
        key: 'which',
        title: 'Look what is released',
        limitMs: MINUTE_MS,
        perform: async () => {
          const now = await answering(place)
          if (now === undefined) {
            throw new StepError(`Nothing is released at ${place.target.name}.`, 'Deploy something first.')
          }
          return { image: now.Image, version: labelOf(now, 'version') ?? '' }
        },
      },
      ...releaseSteps(place, {
        key: spec.attempt,
        of: async (facts) => ({
          image: facts.image!,
          version: facts.version!,
          service: place.spec.service,
          ...(await databaseWiring(place)),
        }),
      }),
    ],
    done: (facts) => ({ ...released(place, spec, facts, true), state: 'healthy' }),
    failed: (facts, { words, undone, past }): Facts => {
      if (past) return { ...released(place, spec, facts, false), state: 'unhealthy', reason: words }
      const next = `Look with: amphi targets show ${place.target.name}. Then restart or deploy again.`
      return undone ? {} : { state: 'half', reason: `${words} ${next}` }
    },
  }
}

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
      const kept = `${job.points.length} points are kept`
      if (good === undefined)
        return {
          finding: 'no-snapshot',
          cause: '',
          confidence: '1',
          evidence: `${kept}, none of a good state`,
        }
      const ago = Math.round((job.at - good.at) / MINUTE_MS)
      const what = good.database === null ? '' : `, with ${good.database.bytes} bytes of data`
      return {
        finding: 'snapshot-ready',
        cause: '',
        confidence: '1',
        evidence: `${good.id}, ${ago} min old${what}; ${kept}`,
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
        : health(place, signal)
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
    const ago = `${Math.round((now - point.at) / 1000)} s ago`
    return [`migrated ${ago}${from === null || to === null ? '' : ` from ${from} to ${to}`}`]
  })
}

function deployed({ release, at, verified }: ReleasedAt, now: number): string {
  const how = verified === null ? '' : verified ? ', verified' : ', not verified'
  return `${release.version} ${Math.round((now - at) / 1000)} s ago${how}`
}

async function health(place: DockerPlace, signal: AbortSignal): Promise<Finding> {
  const { ok, words } = await answers(urlOf(place), [place.spec.service.health.path], signal)
  const parts = await listParts(place)
  const down = parts.filter((one) => one.State !== 'running').map(nameOf)
  const now = await answering(place)
  const memory = now?.State.OOMKilled === true || (now?.RestartCount ?? 0) > 0
  const evidence = [
    words,
    `restarted ${now?.RestartCount ?? 0} times`,
    `${down.length} of ${parts.length} containers stopped`,
  ].join('; ')
  if (ok && !memory) return { finding: 'healthy', cause: '', confidence: '0.9', evidence }
  if (memory) return { finding: 'restarting', cause: 'memory_leak', confidence: '0.7', evidence }
  return { finding: 'unhealthy', cause: '', confidence: '0.9', evidence }
}
