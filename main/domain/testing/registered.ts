import type { ClientCommand } from '../commands.ts'
import { type Driver, PROJECT } from './driver.ts'

type Add = Extract<ClientCommand, { type: 'registered.add' }>
/** The command with which somebody registers an agent by hand. */
export const adding = (name: string, files: readonly string[], more: Partial<Add> = {}): Add => ({
  type: 'registered.add',
  project: PROJECT,
  name,
  files: [...files],
  reads: [],
  uses: [],
  priority: 3,
  after: [],
  waits: true,
  start: true,
  session: null,
  folder: '/p',
  process: null,
  log: null,
  dirty: [],
  limitMs: null,
  ...more,
})

/** Registers one and gives its id. */
export function addRegistered(driver: Driver, ...args: Parameters<typeof adding>): string {
  driver.must(adding(...args))
  return driver.answer!.agent!
}
