import type { ChangedBetween } from '../../../../main/domain/points/pointHistory.ts'
import type { Like } from '../../words/language.ts'
import type { words } from './words.ts'

/** Tables that are named in a line; the rest is not. */
const NAMED = 3

/** What changed after a point, in a few words. */
export function changeText(w: Like<(typeof words)['en']>, changed: ChangedBetween): string {
  const rows = Object.entries(changed.rows).map(([table, by]) => `${table} ${signed(by)}`)
  const { release } = changed
  const parts = [
    release === null ? '' : `${release.from ?? w.nothingThere} → ${release.to ?? w.nothingThere}`,
    changed.migrations.map((text) => w.migrated(text)).join(', '),
    changed.schema === null ? '' : w.schema,
    changed.commits === null ? '' : w.commits,
    rows.slice(0, NAMED).join(', '),
    changed.settings.length === 0 ? '' : w.settings(changed.settings.join(', ')),
    changed.irreversible.map((text) => w.irreversible(text)).join(', '),
  ]
  return parts.filter((part) => part !== '').join('; ')
}

export function signed(n: number): string {
  return n > 0 ? `+${n}` : `−${Math.abs(n)}`
}
