import { join } from 'node:path'
import { projectId } from '../../domain/ids.ts'
import type { AgentFiles } from '../../engine/ports/agentFiles.ts'
import type { Store } from '../../engine/ports/store.ts'
import type { Workspaces } from '../../engine/ports/workspaces.ts'
import { type RunningEngine, startEngine } from '../../engine/startEngine.ts'
import { openSqliteStore } from '../../store/sqliteStore.ts'

/** A real engine on a real database with nothing outside: for what people and projects record. */
export interface RecordingEngine {
  readonly engine: RunningEngine
  readonly store: Store
}

export const RECORDED = projectId('p')

export async function openRecording(dataDir: string): Promise<RecordingEngine> {
  const store = await openSqliteStore({ file: join(dataDir, 'amphitheatre.db') })
  const workspaces: Partial<Workspaces> = { list: async () => [] }
  let now = Date.now()
  const engine = await startEngine({
    store,
    scheduling: { now: () => ++now, immediate: setImmediate, after: () => () => undefined },
    runners: new Map(),
    workspaces: workspaces as Workspaces,
    files: {} as AgentFiles,
    wall: Date.now,
    freeBytes: async () => null,
    log: () => undefined,
    onSample: () => undefined,
    boot: 'b',
    pid: process.pid,
    version: '0',
    idPrefix: `e${now}`,
  })
  return { engine, store }
}
