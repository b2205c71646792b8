import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines } from './support/amphi.ts'
import { git } from './support/repository.ts'
import { type Storefront, storefront } from './support/storefront.ts'
import { type Served, serve } from './ui/support/served.ts'

/**
 * The sample shop from its first release to what happens when one is bad: everything a person would do, by the command
 * line, with real containers. `e2e/ui/storefront.test.ts` does the same by one click.
 */
let shop: Storefront
/** The commit of 1.0.0. */
let good: string
let served: Served | undefined

beforeAll(async () => {
  shop = await storefront()
}, 60_000)
afterAll(async () => {
  await served?.kill()
  await shop?.remove()
}, 120_000)

test('1.0.0 is built, tested, let through its gate, kept, migrated, released and verified', async () => {
  await shop.must(0, 'run', 'release-1')
  good = shop.head()
  const { targets, points } = await shop.record()
  expect(targets.production).toMatchObject({
    state: 'healthy',
    busy: null,
    current: { release: { version: '1.0.0' }, verified: true },
  })
  expect(points.map(({ database }) => database?.schemaVersion)).toEqual([
    expect.any(String),
    expect.any(String),
    '001-products',
  ])
  const [gate] = jsonLines((await shop.must(0, 'gate', 'list', '--json')).stdout)
  expect(gate).toMatchObject({ gate: 'quality', state: 'passed' })
  expect(await shop.ask('/version')).toEqual([200, { version: '1.0.0' }])
  expect(await shop.ask('/orders', { product: 2, quantity: 3 })).toMatchObject([201, { cents: 7200 }])
}, 300_000)

test('2.0.0 does not verify: a P0 opens by itself, agents look, the migration is named', async () => {
  await shop.must(0, 'run', 'change-2')
  await shop.must(0, 'apply', 'latest')
  expect(shop.head()).not.toBe(good)
  const released = await shop.must(1, 'run', 'release-2')
  expect(released.stdout).toContain('does not verify')
  expect(await shop.ask('/orders', { product: 1 })).toMatchObject([500, { code: '23502' }])

  const incident = await shop.incident('i1')
  expect(incident).toMatchObject({
    severity: 'P0',
    state: 'open',
    target: 'production',
    called: { whom: expect.any(String) },
  })
  expect(incident.sources[0]).toMatchObject({ kind: 'verification' })
  const { findings, diagnosis, choices, checks } = incident
  expect(findings.map(({ check }) => check).toSorted()).toEqual([
    'asset-integrity',
    'health',
    'recent-deploys',
    'slow-queries',
    'snapshot-ready',
  ])
  expect(findings.every(({ ok }) => ok)).toBe(true)
  expect(new Set(findings.map(({ role }) => role)).size).toBe(5)
  expect(await atOnce(checks!.run!)).toBeGreaterThanOrEqual(4)
  expect(diagnosis?.causes[0]).toMatchObject({ cause: 'bad_migration' })
  expect(diagnosis!.causes[0]!.confidence).toBeGreaterThan(0.85)
  const evidence = diagnosis!.causes[0]!.evidence.map(({ text }) => text).join(' ')
  expect(evidence).toContain('from 001-products to 002-currencies')
  expect(evidence).toContain('orders.currency')
  expect(choices[0]).toMatchObject({ id: 'rollback', cause: 'bad_migration', barred: null })
}, 300_000)

test('one decision restores image, data and branch; what was ordered before is there', async () => {
  await shop.must(0, 'incident', 'decide', 'i1', 'rollback')
  expect(await shop.ask('/version')).toEqual([200, { version: '1.0.0' }])
  expect(await shop.ask('/orders')).toMatchObject([200, [{ product: 2, quantity: 3, cents: 7200 }]])
  expect(await shop.ask('/orders', { product: 1 })).toMatchObject([201, { cents: 3900 }])
  expect(shop.head()).toBe(good)
  expect(git(shop.place.root, 'status', '--porcelain')).toBe('')
  expect(git(shop.place.root, 'log', '-1', '--format=%s', 'rollback/2.0.0').trim()).toContain(
    'Give orders a currency',
  )
  expect((await shop.record()).targets.production).toMatchObject({
    state: 'healthy',
    busy: null,
    current: { release: { version: '1.0.0' } },
  })
  expect(await shop.incident('i1')).toMatchObject({ state: 'resolved', remedy: { ok: true } })
}, 300_000)

test('the report says what it was, why, and what was done', async () => {
  const { stdout } = await shop.must(0, 'incident', 'report', 'i1')
  const parts = Object.fromEntries(stdout.split(/^## /m).map((part) => [part.split('\n')[0]!, part] as const))
  expect(parts['# Incident 1: production does not verify after Release 2.0.0']).toContain('**Severity**: P0')
  expect(parts.Cause).toMatch(/\*\*Bad migration\*\*, \d\d %/)
  expect(parts.Cause).toContain('002-currencies')
  expect(parts.Findings!.match(/^\| /gm)!.length).toBe(6)
  expect(parts.Actions).toContain('rollback to p')
  expect(parts.Actions).toContain('Remedy: done')
  expect(parts.Timeline).toMatch(/checks started[\s\S]*Bad migration[\s\S]*rollback[\s\S]*resolved/)
  expect(parts['Follow-ups']).toContain('Post-mortem of i1')
  await shop.must(0, 'incident', 'close', 'i1')
})

test('1.1.0 runs out of memory: an incident opens by itself, the leak is named, and restarted', async () => {
  await shop.must(0, 'run', 'change-leak')
  await shop.must(0, 'apply', 'latest')
  await shop.must(0, 'run', 'release-leak')
  // Somebody has to look: nobody is at work any more.
  served = await serve({ data: shop.place.data, path: shop.place.root })
  const id = await shop.leak()
  const opened = await shop.incidentWhere(id, ({ choices }) => choices.length > 0)
  expect(opened).toMatchObject({ severity: expect.stringMatching(/^P[01]$/), target: 'production' })
  expect(['health', 'target']).toContain(opened.sources[0]!.kind)
  const { diagnosis, choices, findings, checks } = opened
  expect(findings).toHaveLength(5)
  expect(await atOnce(checks!.run!)).toBeGreaterThanOrEqual(4)
  expect(diagnosis?.causes[0]).toMatchObject({ cause: 'memory_leak', title: 'Memory leak' })
  expect(diagnosis!.causes[0]!.confidence).toBeGreaterThan(0.6)
  const evidence = diagnosis!.causes[0]!.evidence.map(({ text }) => text).join(' ')
  expect(evidence).toMatch(/memory \d.* of \d.* \(\d+ %\)|ended for want of memory/)
  expect(choices[0]).toMatchObject({ id: 'restart', cause: 'memory_leak', barred: null })

  await shop.must(0, 'incident', 'decide', id, 'restart')
  const over = await shop.incidentWhere(id, ({ state }) => state === 'resolved')
  expect(over).toMatchObject({ remedy: { ok: true }, verification: { ok: true } })
  expect(await shop.ask('/version')).toEqual([200, { version: '1.1.0' }])
  expect((await shop.record()).targets.production).toMatchObject({ state: 'healthy', busy: null })
  const { stdout } = await shop.must(0, 'incident', 'report', id)
  expect(stdout).toMatch(/\*\*Memory leak\*\*, \d\d %/)
  expect(stdout).toMatch(/checks started[\s\S]*Memory leak[\s\S]*restart[\s\S]*passed[\s\S]*resolved/)
}, 300_000)

/** How many of a run's agents were at work at the same moment. */
async function atOnce(run: string): Promise<number> {
  const events = jsonLines((await shop.must(0, 'events', '--json', '--run', run)).stdout)
  let [now, most] = [0, 0]
  for (const { data } of events as { readonly data: { readonly type: string } }[]) {
    if (data.type === 'task.assigned') most = Math.max(most, ++now)
    if (data.type === 'task.completed') now--
  }
  return most
}
