import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KEPT_KEY_FRAMES, KEY_FRAME_SPAN, obsoleteKeyFrames } from './retention.ts'
import { RowWriter } from './rowWriter.ts'

test('any number of rows is written once and in order', () => {
  const db = new Database(':memory:')
  db.exec('CREATE TABLE t (position INTEGER PRIMARY KEY, a, b)')
  const sql = { head: 'INSERT INTO t (a, b) VALUES', columns: 2, tail: '' }
  const writer = new RowWriter<number>(db, sql, (row, into, at) => {
    into[at] = row
    into[at + 1] = `row ${row}`
  })
  const read = db.prepare('SELECT a, b FROM t ORDER BY position').raw()
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 300 }), (rows) => {
      db.exec('DELETE FROM t')
      writer.write(rows)
      expect(read.all()).toEqual(rows.map((row) => [row, `row ${row}`]))
    }),
    { numRuns: 50 },
  )
  db.close()
})

test('of any key frames the newest stay, and the first of every span', () => {
  const seqs = fc
    .uniqueArray(fc.nat(5 * KEY_FRAME_SPAN), { maxLength: 40 })
    .map((list) => list.sort((a, b) => a - b))
  fc.assert(
    fc.property(seqs, (list) => {
      const kept = list.filter((seq) => !obsoleteKeyFrames(list).includes(seq))
      expect(kept.slice(-KEPT_KEY_FRAMES)).toEqual(list.slice(-KEPT_KEY_FRAMES))
      const spans = (of: readonly number[]) => new Set(of.map((seq) => Math.floor(seq / KEY_FRAME_SPAN)))
      expect(spans(kept)).toEqual(spans(list))
      expect(kept.length).toBeLessThanOrEqual(spans(list).size + KEPT_KEY_FRAMES)
    }),
  )
})
