import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PROJECT_ROOT } from './support/amphi.ts'
import { processLeftovers } from './support/processes.ts'

/** `npm run demo` and `npm start` behind their set-up, on a machine without Docker, with nobody there to watch. */
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'amphitheatre-demo-test-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function run(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [join(PROJECT_ROOT, 'scripts', script), ...args], {
    cwd: PROJECT_ROOT,
    env: {
      ...process.env,
      NO_COLOR: '1',
      DOCKER_HOST: 'unix:///nonexistent/docker.sock',
      INIT_CWD: dir,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      said += data.toString('utf8')
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, said }))
  })
}

const built = existsSync(join(PROJECT_ROOT, 'out/renderer/index.html'))

test.runIf(built)(
  'the demo ships the sample as processes, says so, and ends with the summary',
  async () => {
    const data = join(dir, 'data')
    const { code, said } = await run('demo.ts', [], { AMPHITHEATRE_DATA: data })
    expect(code, said).toBe(0)
    expect(said).toMatch(/Docker +.*does not answer/)
    expect(said).toMatch(/Runs use +processes of this machine, not isolated/)
    expect(said).toMatch(/Address +http:\/\/127\.0\.0\.1:\d+\/\?token=/)
    expect(said).toMatch(/ship#1 done: 14 of 14 tasks/)
    expect(existsSync(join(data, 'demo/bookshelf/.git'))).toBe(true)
    expect(processLeftovers(data)).toEqual([])
  },
  180_000,
)

test('words that are none end with 2 and the usage', async () => {
  expect(await run('demo.ts', ['--opne'])).toMatchObject({
    code: 2,
    said: expect.stringMatching(/--opne[\s\S]*npm run demo \[--/),
  })
  expect(await run('start.ts', ['--opne'])).toMatchObject({
    code: 2,
    said: expect.stringMatching(/--opne[\s\S]*npm start \[--/),
  })
  writeFileSync(join(dir, 'file'), '')
  expect(await run('start.ts', ['file'])).toMatchObject({
    code: 2,
    said: expect.stringContaining('is not a folder'),
  })
})
