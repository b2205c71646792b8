import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { planFor } from '../../main/config/planFor.ts'
import { load as loadProject } from '../../main/config/testing.ts'
import { taskId } from '../../main/domain/ids.ts'
import type { Plan } from '../../main/domain/plan.ts'
import { connectDocker } from '../../main/runners/docker/client.ts'
import { ensureDefaultImage } from '../../main/runners/docker/ensureDefaultImage.ts'
import { openSqliteStore } from '../../main/store/sqliteStore.ts'
import { buildApp, removeApps } from '../../main/targets/testing/app.ts'
import { freePort, removeAll } from '../../main/targets/testing/bench.ts'
import type { LoadResult } from '../../main/targets/testing/load.ts'
import { openBenchHost } from '../support/benchHost.ts'
import { deployByHand } from '../support/deployByHand.ts'
import { dockerTrouble } from '../support/docker.ts'
import type { BenchOptions, Result } from '../support/figure.ts'
import { loadProcess } from '../support/loadProcess.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const PER_SECOND = 100
const TARGET = 1.2
/** About as long as a deployment and a way back. */
const UNTOUCHED_S = 4

interface Took {
  /** Asked for, to told that the new version verifies. */
  readonly verifiedMs: number
  /** To the end of everything: the old version is stopped, the run is over and tidied up. */
  readonly overMs: number
}

interface Measured extends LoadResult {
  /** The longest time without an answer while nobody deploys: what the machine itself does. */
  readonly aloneGapMs: number
  readonly there: Took
  /** The version before, deployed again. */
  readonly back: Took
}

/** A local service deployed and put back under load: through the program, beside the same steps in a shell script. */
export async function deploying(options: BenchOptions): Promise<readonly Result[]> {
  const what = `deploy of a local service at ${PER_SECOND} requests a second, asked for to verified`
  const why = await dockerTrouble()
  if (why !== null) return [{ figure: 15, what, why }]
  await ensureDefaultImage(options.progress)
  const rounds = options.quick ? 3 : 12
  const { docker, close } = connectDocker()
  const images = { v1: await buildApp(docker, 'v1'), v2: await buildApp(docker, 'v2') }
  try {
    return await inTemporaryFolder((folder) => compare(folder, images, rounds, what))
  } finally {
    await removeApps(Object.values(images))
    close()
  }
}

async function compare(
  folder: string,
  images: { readonly v1: string; readonly v2: string },
  rounds: number,
  what: string,
): Promise<readonly Result[]> {
  const [port, otherPort] = [await freePort(), await freePort()]
  const root = repository(folder)
  const bench = await openBenchHost(folder, root)
  const byHand = deployByHand(scratch(folder), root, otherPort, `bench-${randomBytes(4).toString('hex')}`)
  try {
    const deploy = (image: string) => bench.runUntil(planOf(port, image), taskId('deploy'), /^Verified: /m)
    await deploy(images.v1)
    await byHand.deploy(images.v1)
    const measure = async (at: number, one: (image: string) => Promise<number>): Promise<Measured> => {
      const aloneGapMs = await untouched(at)
      const loading = await loadProcess(at, PER_SECOND)
      await loading.answered(PER_SECOND / 2)
      const there = await took(() => one(images.v2))
      const back = await took(() => one(images.v1))
      await loading.answered(PER_SECOND / 2)
      return { ...(await loading.end()), aloneGapMs, there, back }
    }
    const { ours, other } = await inTurn(
      {
        ours: () => measure(port, deploy),
        other: () => measure(otherPort, byHand.deploy),
      },
      { rounds, warmUp: 1 },
    )
    return [resultOf(what, rounds, ours, other)]
  } finally {
    await bench.close()
    byHand.remove()
    await removeEverything(folder)
  }
}

async function untouched(port: number): Promise<number> {
  const loading = await loadProcess(port, PER_SECOND)
  await loading.answered(UNTOUCHED_S * PER_SECOND)
  return (await loading.end()).longestGapMs
}

async function took(deploy: () => Promise<number>): Promise<Took> {
  let verifiedMs = 0
  const overMs = await timed(async () => {
    verifiedMs = await deploy()
  })
  return { verifiedMs, overMs }
}

function resultOf(
  what: string,
  rounds: number,
  ours: readonly Measured[],
  other: readonly Measured[],
): Result {
  const ms = (all: readonly Measured[], which: keyof Took): readonly number[] =>
    all.flatMap(({ there, back }) => [there[which], back[which]])
  const failed = (all: readonly Measured[]): number => all.reduce((sum, one) => sum + one.failed.length, 0)
  type Gap = 'longestGapMs' | 'longestTurnMs' | 'aloneGapMs'
  const gap = (all: readonly Measured[], which: Gap): string => {
    const gaps = all.map((one) => one[which])
    return `${median(gaps).toFixed(0)} ms (median; ${Math.max(...gaps).toFixed(0)} at most)`
  }
  const over = (all: readonly Measured[]): string => median(ms(all, 'overMs')).toFixed(0)
  const answered = ours.reduce((sum, one) => sum + one.bodies.length, 0)
  return {
    figure: 15,
    what,
    unit: 'ms',
    ours: { name: 'the program, with run, point and journal', value: median(ms(ours, 'verifiedMs')) },
    other: { name: 'shell script with docker, git and curl', value: median(ms(other, 'verifiedMs')) },
    ratio: pairedRatio(ms(ours, 'verifiedMs'), ms(other, 'verifiedMs')),
    target: { atMost: TARGET },
    how: `${rounds} rounds in turn after one to warm up, each there and back`,
    notes: [
      `failed requests: ${failed(ours)} of ${answered + failed(ours)}; with the script ${failed(other)}`,
      `from the last answer of one version to the first of the next: ${gap(ours, 'longestTurnMs')}; with the script ${gap(other, 'longestTurnMs')}`,
      `longest time without an answer: ${gap(ours, 'longestGapMs')}; with the script ${gap(other, 'longestGapMs')}`,
      `the same while nobody deploys: ${gap([...ours, ...other], 'aloneGapMs')}`,
      `to the end, old version stopped and run tidied up: ${over(ours)} ms; with the script ${over(other)} ms`,
      `back to the version before: ${median(ours.map(({ back }) => back.verifiedMs)).toFixed(0)} ms`,
    ],
  }
}

function repository(folder: string): string {
  const root = join(folder, 'repository')
  mkdirSync(root)
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.invalid', ...args], {
      cwd: root,
    })
  }
  git('init', '-q', '-b', 'main')
  writeFileSync(join(root, 'a'), 'a')
  git('add', '.')
  git('commit', '-qm', 'first')
  return root
}

function scratch(folder: string): string {
  const path = join(folder, 'by-hand')
  mkdirSync(path)
  return path
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

async function removeEverything(folder: string): Promise<void> {
  const store = await openSqliteStore({ file: join(folder, 'data', 'amphitheatre.db') })
  const install = await store.getMeta('install')
  await store.close()
  const { docker, close } = connectDocker()
  await removeAll(docker, install!)
  close()
}
