import { initial } from './0001-initial.ts'
import type { Migration } from './migration.ts'

/** In order; the last one's number is the newest shape this program knows. */
export const MIGRATIONS: readonly Migration[] = [initial]
