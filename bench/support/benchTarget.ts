import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectDocker } from '../../main/runners/docker/client.ts'
import { openSqliteStore } from '../../main/store/sqliteStore.ts'
import { buildApp, removeApps } from '../../main/targets/testing/app.ts'
import { removeAll } from '../../main/targets/testing/bench.ts'
import type { LoadResult } from '../../main/targets/testing/load.ts'
import { loadProcess } from './loadProcess.ts'
import { median } from './stats.ts'

/** What figures of local targets share: two versions of a service, a repository, load. */

export const PER_SECOND = 100
/** About as long as a deployment and a way back. */
const UNTOUCHED_S = 4

export interface Images {
  readonly v1: string
  readonly v2: string
}

export async function withImages<T>(use: (images: Images) => Promise<T>): Promise<T> {
  const { docker, close } = connectDocker()
  const images = { v1: await buildApp(docker, 'v1'), v2: await buildApp(docker, 'v2') }
  try {
    return await use(images)
  } finally {
    await removeApps(Object.values(images))
    close()
  }
}

/** A repository of one commit in a folder of its own. */
export function benchRepository(folder: string, name = 'repository'): string {
  const root = join(folder, name)
  mkdirSync(root)
  gitIn(root, 'init', '-q', '-b', 'main')
  commitIn(root, 'first')
  return root
}

export function commitIn(root: string, text: string): void {
  writeFileSync(join(root, 'a'), text)
  gitIn(root, 'add', '.')
  gitIn(root, 'commit', '-qm', text)
}

export function gitIn(root: string, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.invalid']
  return execFileSync('git', [...who, ...args], { cwd: root, encoding: 'utf8' }).trim()
}

export interface UnderLoad<T> extends LoadResult {
  readonly value: T
  /** The longest time without an answer while nobody does anything: what the machine itself does. */
  readonly aloneGapMs: number
}

/** Requests at an even rate from before it begins until after it has ended. */
export async function underLoad<T>(port: number, work: () => Promise<T>): Promise<UnderLoad<T>> {
  const aloneGapMs = await untouched(port)
  const loading = await loadProcess(port, PER_SECOND)
  await loading.answered(PER_SECOND / 2)
  const value = await work()
  await loading.answered(PER_SECOND / 2)
  return { ...(await loading.end()), aloneGapMs, value }
}

async function untouched(port: number): Promise<number> {
  const loading = await loadProcess(port, PER_SECOND)
  await loading.answered(UNTOUCHED_S * PER_SECOND)
  return (await loading.end()).longestGapMs
}

/** What was lost and how long nobody was answered, of both sides. */
export function loadNotes(
  ours: readonly UnderLoad<unknown>[],
  other: readonly UnderLoad<unknown>[],
): readonly string[] {
  const failed = (all: readonly LoadResult[]): number => all.reduce((sum, one) => sum + one.failed.length, 0)
  const sent = (all: readonly LoadResult[]): number =>
    failed(all) + all.reduce((sum, one) => sum + one.bodies.length, 0)
  type Gap = 'longestGapMs' | 'longestTurnMs' | 'aloneGapMs'
  const gap = (all: readonly UnderLoad<unknown>[], which: Gap): string => {
    const gaps = all.map((one) => one[which])
    return `${median(gaps).toFixed(0)} ms (median; ${Math.max(...gaps).toFixed(0)} at most)`
  }
  return [
    `failed requests: ${failed(ours)} of ${sent(ours)}; with the script ${failed(other)} of ${sent(other)}`,
    `from the last answer of one version to the first of the next: ${gap(ours, 'longestTurnMs')}; with the script ${gap(other, 'longestTurnMs')}`,
    `longest time without an answer: ${gap(ours, 'longestGapMs')}; with the script ${gap(other, 'longestGapMs')}`,
    `the same while nobody does anything: ${gap([...ours, ...other], 'aloneGapMs')}`,
  ]
}

export async function installOf(folder: string): Promise<string> {
  const store = await openSqliteStore({ file: join(folder, 'data', 'amphitheatre.db') })
  const install = await store.getMeta('install')
  await store.close()
  return install!
}

/** Containers, networks and volumes of the program that had its data in that folder. */
export async function removeEverything(folder: string): Promise<void> {
  const { docker, close } = connectDocker()
  await removeAll(docker, await installOf(folder))
  close()
}
