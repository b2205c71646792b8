import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import type { ProjectId } from '../domain/ids.ts'
import type { Sample } from './telemetry.ts'
import { openTelemetry } from './telemetry.ts'
import { tempFolder } from './testing/tempFolder.ts'

function sample(at: number, agent = 'BuildMaster/compile#1'): Sample {
  return { agent, at, cpuMs: at * 1.5, memoryBytes: 2 ** 33, outputBytes: at }
}

function samples(from: number, count: number): Sample[] {
  return Array.from({ length: count }, (_, i) => sample(from + i))
}

const query = { agent: 'BuildMaster/compile#1' }

describe('telemetry', () => {
  test('samples are kept by agent and moment, across openings', () => {
    const file = join(tempFolder(), 'new', 'telemetry.database')
    const first = openTelemetry(file)
    expect(first.note).toBeNull()
    first.record([sample(3), sample(1), sample(2, 'other')])
    first.record(samples(10, 300))
    first.close()
    first.close()
    const second = openTelemetry(file)
    expect(second.samples({ ...query, limit: 3 })).toEqual([sample(1), sample(3), sample(10)])
    expect(second.samples({ ...query, from: 308 })).toEqual([sample(308), sample(309)])
    expect(second.samples({ agent: 'other' })).toEqual([sample(2, 'other')])
    expect(second.samples({ agent: 'nobody' })).toEqual([])
    expect(second.trouble()).toBeNull()
    second.close()
  })

  test('series are kept by project, measure and role, the newest first to be told, and go when they are old', () => {
    const file = join(tempFolder(), 'series.db')
    const telemetry = openTelemetry(file, { maxAgeMs: 100 })
    const point = (at: number, role: string | null = null, measure = 'm') =>
      ({ at, project: 'p' as ProjectId, measure, role, value: at / 2 }) as const
    telemetry.recordSeries([point(1), point(2), point(2, 'Builder'), point(2, null, 'other'), point(3)])
    telemetry.recordSeries([{ ...point(9), project: null }])
    telemetry.close()
    const again = openTelemetry(file, { maxAgeMs: 100 })
    const all = { project: 'p' as ProjectId, measure: 'm', role: null }
    expect(again.series(all)).toEqual([point(1), point(2), point(3)])
    expect(again.series({ ...all, limit: 2 })).toEqual([point(2), point(3)])
    expect(again.series({ ...all, from: 3 })).toEqual([point(3)])
    expect(again.series({ ...all, role: 'Builder' })).toEqual([point(2, 'Builder')])
    expect(again.series({ ...all, project: null })).toMatchObject([{ at: 9 }])
    again.prune(103)
    expect(again.series(all)).toEqual([point(3)])
    again.close()
  })

  test('a file of before there were series is taken on', () => {
    const file = join(tempFolder(), 'before.db')
    openTelemetry(file).close()
    const db = new Database(file)
    db.exec('DROP TABLE series; PRAGMA user_version = 1')
    db.close()
    const telemetry = openTelemetry(file)
    telemetry.recordSeries([{ at: 1, project: null, measure: 'm', role: null, value: 1 }])
    expect(telemetry.series({ project: null, measure: 'm', role: null })).toHaveLength(1)
    expect([telemetry.note, telemetry.trouble()]).toEqual([null, null])
    telemetry.close()
  })

  test('old samples go, and those above the number, a little at a time', () => {
    const telemetry = openTelemetry(join(tempFolder(), 't'), { maxAgeMs: 100, maxCount: 3_000 })
    telemetry.record(samples(1, 5_000))
    telemetry.prune(100)
    expect(telemetry.samples(query).map((s) => s.at)).toEqual(samples(2_001, 3_000).map((s) => s.at))
    telemetry.prune(2_301)
    expect(telemetry.samples(query)[0]).toEqual(sample(2_201))
    for (let i = 0; i < 3; i += 1) telemetry.prune(9_999)
    expect(telemetry.samples(query)).toEqual([])
    telemetry.close()
  })

  test.each([
    ['garbage', (file: string) => writeFileSync(file, 'garbage'.repeat(1000))],
    [
      'a newer file',
      (file: string) => {
        const db = new Database(file)
        db.pragma('user_version = 2')
        db.close()
      },
    ],
    [
      'another shape',
      (file: string) => {
        const db = new Database(file)
        db.exec('CREATE TABLE samples (agent, at)')
        db.close()
      },
    ],
  ])('%s is set aside, visibly, and a new file begun', (_name, spoil) => {
    const folder = tempFolder()
    const file = join(folder, 'telemetry.database')
    spoil(file)
    const spoilt = readFileSync(file)
    writeFileSync(`${file}.broken-1`, 'an earlier one')
    const telemetry = openTelemetry(file)
    expect(telemetry.note).toContain(`${file}.broken-2`)
    expect(readFileSync(`${file}.broken-2`)).toEqual(spoilt)
    telemetry.record([sample(1)])
    expect(telemetry.samples(query)).toEqual([sample(1)])
    telemetry.close()
    const again = openTelemetry(file)
    expect(again.note).toBeNull()
    expect(again.samples(query)).toEqual([sample(1)])
    again.close()
    expect(readdirSync(folder)).toContain('telemetry.database.broken-1')
  })

  test('where no file can be made it is kept in memory, visibly', () => {
    const file = join(tempFolder(), 'telemetry.database')
    writeFileSync(join(file, '..', 'plain'), '')
    const telemetry = openTelemetry(join(file, '..', 'plain', 'telemetry.database'))
    expect(telemetry.note).toContain('in memory only')
    telemetry.record([sample(1)])
    expect(telemetry.samples(query)).toEqual([sample(1)])
    telemetry.close()
  })

  test('samples that cannot be written are dropped and told, never thrown; then it goes on', () => {
    const folder = tempFolder()
    mkdirSync(folder, { recursive: true })
    const file = join(folder, 'telemetry.database')
    const telemetry = openTelemetry(file)
    const other = new Database(file, { timeout: 0 })
    other.exec('BEGIN IMMEDIATE')
    telemetry.record(samples(1, 300))
    telemetry.prune(0)
    expect(telemetry.trouble()).toMatch(/locked.*300 samples/)
    other.exec('ROLLBACK')
    other.close()
    telemetry.record([sample(1)])
    telemetry.flush()
    expect(telemetry.trouble()).toBeNull()
    expect(telemetry.samples(query)).toEqual([sample(1)])
    telemetry.close()
  })
})
