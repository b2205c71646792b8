import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Driver } from '../domain/testing/driver.ts'
import { addPoint, project, targetSpec, withTarget } from '../domain/testing/targets.ts'
import type { ActionSpec } from '../targets/actions.ts'
import { restoreElsewhere } from './restoreElsewhere.ts'

/** A program called ssh that runs here what it is to run there. */
let folder: string
const path = process.env.PATH
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amphitheatre-ssh-'))
  writeFileSync(join(folder, 'ssh'), '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n')
  chmodSync(join(folder, 'ssh'), 0o755)
  process.env.PATH = `${folder}:${path}`
})
afterEach(() => {
  process.env.PATH = path
  rmSync(folder, { recursive: true })
})

test.each([
  ['its own command', 'echo "back $AMPHITHEATRE_VERSION"', 'back v1'],
  ['the one that deploys', null, 'deploy v1'],
])('over ssh the release of then is brought back by %s', async (_, rollback, said) => {
  const out = join(folder, 'out')
  const commands = {
    deploy: `echo "deploy $AMPHITHEATRE_VERSION" > ${out}`,
    rollback: rollback === null ? null : `${rollback} > ${out}`,
    restart: null,
    health: null,
  }
  const target = targetSpec('shop', { place: { kind: 'ssh', host: 'there', url: null, commands } })
  const driver = new Driver()
  withTarget(driver, { spec: target })
  const point = addPoint(driver, 'k')
  const action = { do: 'restore', point: point.id, key: point.key, part: 'image' } as const
  const job = {
    action,
    target,
    root: folder,
    commit: null,
    known: null,
    points: project(driver).points,
    at: 0,
  }
  const plan = restoreElsewhere({} as never, { action: job, workspace: null } as unknown as ActionSpec)
  let facts: Readonly<Record<string, string>> = {}
  for (const { perform } of plan.steps) {
    const context = {
      job,
      facts,
      folder,
      signal: AbortSignal.timeout(10_000),
      say: () => undefined,
      note: () => undefined,
    }
    facts = { ...facts, ...(await perform(context)) }
  }
  expect(readFileSync(out, 'utf8').trim()).toBe(said)
  expect(JSON.parse(plan.done(facts).release!)).toMatchObject({
    version: 'v1',
    commit: point.release!.commit,
  })
})
