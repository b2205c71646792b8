import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { planFor } from '../../main/config/planFor.ts'
import { load as loadProject } from '../../main/config/testing.ts'
import { taskId } from '../../main/domain/ids.ts'
import type { Plan } from '../../main/domain/plan.ts'
import { ensureDefaultImage } from '../../main/runners/docker/ensureDefaultImage.ts'
import { freePort } from '../../main/targets/testing/bench.ts'
import { openBenchHost } from '../support/benchHost.ts'
import {
  benchRepository,
  type Images,
  loadNotes,
  PER_SECOND,
  removeEverything,
  type UnderLoad,
  underLoad,
  withImages,
} from '../support/benchTarget.ts'
import { deployByHand } from '../support/deployByHand.ts'
import { dockerTrouble } from '../support/docker.ts'
import type { BenchOptions, Result } from '../support/figure.ts'
import { handPlace } from '../support/handPlace.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'
import { rollingBack } from './rollingBack.ts'

const TARGET = 1.2
const WHAT = `deploy of a local service at ${PER_SECOND} requests a second, asked for to verified`

interface Took {
  /** Asked for, to told that the new version verifies. */
  readonly verifiedMs: number
  /** To the end of everything: the old version is stopped, the run is over and tidied up. */
  readonly overMs: number
}

/** Two deployments one after the other: the new version, and the version before anew. */
type Measured = UnderLoad<readonly [Took, Took]>

/** A local service deployed under load, and gone back with: through the program, beside the same steps in a shell script. */
export async function deploying(options: BenchOptions): Promise<readonly Result[]> {
  const why = await dockerTrouble()
  if (why !== null) return [{ figure: 15, what: WHAT, why }]
  await ensureDefaultImage(options.progress)
  const rounds = options.quick ? 3 : 12
  return withImages(async (images) => [
    await inTemporaryFolder((folder) => compare(folder, images, rounds)),
    await rollingBack(images, options),
  ])
}

async function compare(folder: string, images: Images, rounds: number): Promise<Result> {
  const [port, otherPort] = [await freePort(), await freePort()]
  const root = benchRepository(folder)
  const bench = await openBenchHost(folder, root)
  const scratch = join(folder, 'by-hand')
  mkdirSync(scratch)
  const place = handPlace(scratch, otherPort, `bench-${randomBytes(4).toString('hex')}`)
  try {
    const byHand = deployByHand(place, root)
    const deploy = (image: string) => bench.runUntil(planOf(port, image), taskId('deploy'), /^Verified: /m)
    await deploy(images.v1)
    await byHand.deploy(images.v1)
    const measure = (at: number, one: (image: string) => Promise<number>): Promise<Measured> =>
      underLoad(at, async () => [await took(() => one(images.v2)), await took(() => one(images.v1))])
    const { ours, other } = await inTurn(
      { ours: () => measure(port, deploy), other: () => measure(otherPort, byHand.deploy) },
      { rounds, warmUp: 1 },
    )
    return resultOf(rounds, ours, other)
  } finally {
    await bench.close()
    place.remove()
    await removeEverything(folder)
  }
}

async function took(deploy: () => Promise<number>): Promise<Took> {
  let verifiedMs = 0
  const overMs = await timed(async () => {
    verifiedMs = await deploy()
  })
  return { verifiedMs, overMs }
}

function resultOf(rounds: number, ours: readonly Measured[], other: readonly Measured[]): Result {
  const ms = (all: readonly Measured[], which: keyof Took): readonly number[] =>
    all.flatMap(({ value }) => value.map((one) => one[which]))
  const over = (all: readonly Measured[]): string => median(ms(all, 'overMs')).toFixed(0)
  return {
    figure: 15,
    what: WHAT,
    unit: 'ms',
    ours: { name: 'the program, with run, point and journal', value: median(ms(ours, 'verifiedMs')) },
    other: { name: 'shell script with docker, git and curl', value: median(ms(other, 'verifiedMs')) },
    ratio: pairedRatio(ms(ours, 'verifiedMs'), ms(other, 'verifiedMs')),
    target: { atMost: TARGET },
    how: `${rounds} rounds in turn after one to warm up, two deployments each`,
    notes: [
      ...loadNotes(ours, other),
      `to the end, old version stopped and run tidied up: ${over(ours)} ms; with the script ${over(other)} ms`,
    ],
  }
}

function planOf(port: number, image: string): Plan {
  const project = loadProject(`version: 1
agents: [{name: DeployCommander, role: Deployments}]
targets:
  bench:
    docker: {port: ${port}, service: {port: 3000, health: {path: /health, interval: 50ms}}}
    verify: {paths: [/]}
epics:
  ship:
    phases:
      - {name: Ship, tasks: [{id: deploy, kind: deploy, target: bench, agent: DeployCommander, image: "${image}"}]}
`)
  return planFor(project, 'ship')!
}
