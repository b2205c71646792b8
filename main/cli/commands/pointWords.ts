import type { RollbackPoint } from '../../domain/points/point.ts'
import type { ChangedBetween } from '../../domain/points/pointHistory.ts'

/** What changed after a point was made, in a few words. */
export function changeWords(changed: ChangedBetween): string {
  const rows = Object.entries(changed.rows).map(([table, by]) => `${table} ${by > 0 ? '+' : ''}${by}`)
  const words = [
    changed.release === null
      ? ''
      : `${changed.release.from ?? 'nothing'} → ${changed.release.to ?? 'nothing'}`,
    changed.migrations.length === 0 ? '' : `migrated: ${changed.migrations.join(', ')}`,
    changed.schema === null ? '' : `schema ${changed.schema.from} → ${changed.schema.to}`,
    changed.commits === null ? '' : 'commits',
    rows.length === 0 ? '' : rows.slice(0, 3).join(', '),
    changed.settings.length === 0 ? '' : `settings: ${changed.settings.join(', ')}`,
  ]
  return words.filter(Boolean).join('; ')
}

export function testWords({ tested }: RollbackPoint): string {
  if (tested === null) return 'never'
  return `${new Date(tested.at).toISOString()}: ${tested.ok ? 'it can be restored' : 'it CANNOT be restored'}, ${tested.detail}`
}
