import type { Engines } from './host.ts'
import type { Output } from './output.ts'

/** What every command gets. */
export interface Context {
  readonly dataDir: string
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly out: Output
  readonly engines: Engines
  readonly stdin: NodeJS.ReadStream
}
