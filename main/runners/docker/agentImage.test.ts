import { mkdirSync, writeFileSync } from 'node:fs'
import { chown } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { AGENT_IMAGE, ensureAgentImage } from './agentImage.ts'
import { createTestBench, type TestBench } from './testBench.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await createTestBench()
  await ensureAgentImage(bench.docker, () => undefined)
}, 180_000)
afterAll(() => bench.dispose())

it('is there and is not built again', async () => {
  const lines: string[] = []
  await ensureAgentImage(bench.docker, (line) => lines.push(line))
  expect(lines).toEqual([])
  const info = await bench.docker.getImage(AGENT_IMAGE).inspect()
  expect(info.Config.User).toBe('1000:1000')
})

it('has what agents need: git that commits, curl, Node 24, npm scripts and npx, without root', async () => {
  const workspace = join(bench.folder, 'work')
  mkdirSync(workspace)
  writeFileSync(join(workspace, 'package.json'), '{"scripts":{"test":"node -p process.versions.node"}}')
  await chown(workspace, 12345, 12345)
  const command = `set -e; npm test --silent; npx --version; curl --version | head -1; test -f /etc/ssl/certs/ca-certificates.crt
    git init -q repo; cd repo; echo x > a; git add a; git commit -qm first; git log --format='%an %s'; id -u`
  const spec = bench.spec('tools', command, { image: AGENT_IMAGE, workspace })
  await bench.runner.start(spec)
  const exit = await bench.runner.wait(spec.attempt, AbortSignal.timeout(60_000))
  const output = await bench.outputOf(spec.attempt)
  await bench.runner.remove(spec.attempt)
  expect(output).toMatch(/^24\.\d+\.\d+\n\d+\.\d+\.\d+\ncurl [^\n]*\nTester\/tools#1 first\n12345\n$/)
  expect(exit.code).toBe(0)
}, 60_000)
