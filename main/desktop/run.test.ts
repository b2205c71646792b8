import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { app, dialog } from 'electron'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runDesktop } from './run.ts'

vi.mock('electron', () => ({
  app: {
    requestSingleInstanceLock: () => true,
    enableSandbox: () => undefined,
    setPath: () => undefined,
    on: () => undefined,
    isPackaged: false,
    whenReady: () => Promise.resolve(),
    exit: vi.fn(),
  },
  dialog: { showErrorBox: vi.fn() },
  protocol: {
    registerSchemesAsPrivileged: () => undefined,
    handle: () => {
      throw new Error('no such scheme')
    },
  },
}))

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'amphi-desktop-'))
  vi.stubEnv('AMPHITHEATRE_DATA', join(dir, 'data'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true })
})

test('a start that fails says why and ends, so that the next one can have the window', async () => {
  runDesktop({ bundles: dir, icons: dir, engineThread: '', supervisor: '' })
  await vi.waitFor(() => expect(app.exit).toHaveBeenCalledWith(1))
  expect(dialog.showErrorBox).toHaveBeenCalledWith('Amphitheatre cannot start', 'no such scheme')
})
