import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { expect } from 'vitest'
import { LABELS, withLabels } from '../../runners/docker/labels.ts'
import type { Acted } from '../../targets/testing/bench.ts'
import type { DockerGate } from '../../targets/testing/dockerGate.ts'

/** What goes wrong outside, for tests of what comes of it. */

/** How long trouble lasts; what comes of it may not depend on that, ms. */
const TROUBLE_MS = 1_000

/** A state that is known: done, or put back, or told as what it is, with the next step. */
export function expectKnown({ exit, outputs }: Acted, moment: string): void {
  if (exit.code === 0) return
  expect(exit.error, moment).toMatch(/\w{3,}.*[.!?]/)
  if (outputs.state === undefined) return
  // A rollback that failed before anything was exchanged lets what was there answer again.
  if (outputs.state === 'unverified') {
    expect(outputs.reason, moment).toMatch(/^Nothing was changed, \S+ answers again/)
    return
  }
  expect(['half', 'unhealthy'], moment).toContain(outputs.state)
  expect(outputs.reason, moment).toMatch(/amphi (targets|rollback)|Deploy anew/)
}

/** Docker is away until it is noticed, or for a while where it is not. */
export function outage(gate: DockerGate): void {
  gate.shut()
  setTimeout(() => void gate.open(), TROUBLE_MS)
}

const services = (docker: Docker, install: string, status: string) =>
  docker.listContainers({
    filters: {
      ...withLabels({ [LABELS.install]: install, 'amphitheatre.part': 'service' }),
      status: [status],
    },
  })

/** The release that was started last stands still, as one that waits for something for ever. */
export async function pauseNewest(docker: Docker, install: string): Promise<void> {
  for (;;) {
    const running = await services(docker, install, 'running')
    const [newest] = running.toSorted((a, b) => b.Created - a.Created)
    if (newest === undefined || (await pause(docker, newest.Id))) return
  }
}

/**
 * False where it is not done. On cgroup v1 runc gives up ("unable to freeze") on a program that is just starting
 * threads: it is to be asked again until that stands still or is over.
 */
export async function pause(docker: Docker, container: string): Promise<boolean> {
  try {
    await docker.getContainer(container).pause()
    return true
  } catch (error) {
    if (!/unable to freeze|is not running|No such container/.test(String(error))) throw error
    return false
  }
}

export async function unpause(docker: Docker, install: string): Promise<void> {
  for (const { Id } of await services(docker, install, 'paused')) await docker.getContainer(Id).unpause()
}

/** A disk of its own that can be filled. */
export interface SmallDisk {
  /** For so long as trouble lasts. */
  fillForAWhile(): void
  free(): void
  dispose(): Promise<void>
}

/** Temporary folders are on it from now on. */
export function smallDisk(folder: string): SmallDisk {
  const root = mkdtempSync(join(folder, 'disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', root])
  const before = process.env.TMPDIR
  process.env.TMPDIR = root
  const filler = join(root, 'filler')
  const free = (): void => rmSync(filler, { force: true })
  return {
    fillForAWhile: () => {
      setTimeout(free, TROUBLE_MS)
      fill(filler)
    },
    free,
    dispose: async () => {
      if (before === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = before
      execFileSync('umount', ['--lazy', root])
    },
  }
}

function fill(filler: string): void {
  const fd = openSync(filler, 'w')
  try {
    for (const piece of [Buffer.alloc(1024 * 1024), Buffer.alloc(512)])
      try {
        for (;;) writeSync(fd, piece)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
  } finally {
    closeSync(fd)
  }
}
