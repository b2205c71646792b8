import type { ImageSpec } from '../project.ts'

/**
 * A service that runs beside an attempt, in its run's network, reachable by its name; made before the attempt and
 * removed with it.
 */
export interface BesideSpec {
  readonly name: string
  /** Null: PostgreSQL, with database, user and password `postgres`; nothing of it outlives the attempt. */
  readonly image: ImageSpec | null
  readonly env: Readonly<Record<string, string>>
  /** Shell command inside it; exit code 0 is healthy. Null: it is taken for ready once it runs. */
  readonly health: string | null
}
