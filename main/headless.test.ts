import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { projectId } from './domain/ids.ts'
import { openHost } from './headless.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'amphitheatre-headless-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

/** What keeps points tidy asks the engine at once; an engine that has ended answers nobody. */
test('a host that ends right after its start does end', async () => {
  const command = {
    type: 'project.register',
    project: projectId('shop'),
    root: dataDir,
    name: 'shop',
  } as const
  for (let n = 0; n < 5; n++) {
    const opened = await openHost({ dataDir })
    if (!opened.ok) throw new Error('another host has the data folder')
    await opened.host.center.dispatch({ command })
    expect(await opened.host.close()).toBeUndefined()
  }
})
