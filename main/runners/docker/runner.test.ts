import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ALREADY_STARTED_EXIT } from '../../engine/ports/runner.ts'
import { containerName } from './labels.ts'
import { createDockerRunner } from './runner.ts'
import { createTestBench, type TestBench } from './testBench.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await createTestBench()
}, 60_000)
afterAll(() => bench.dispose())

const soon = (): AbortSignal => AbortSignal.timeout(30_000)

it('answers that Docker is ready, with its version', async () => {
  expect(await bench.runner.check()).toEqual({ status: 'ready', version: expect.stringMatching(/^\d+\./) })
})

it('runs a command with any quoting in it and reports its exit code', async () => {
  const command = `printf '%s|' "a b" 'c"d' "$HOME" $((6*7)) 'e\nf'; exit 3`
  const spec = bench.spec('quoting', command)
  const started = await bench.runner.start(spec)
  expect(started).toMatchObject({ attempt: spec.attempt, status: 'running', exit: null })
  expect(started.handle).toMatch(/^[0-9a-f]{64}$/)
  const exit = await bench.runner.wait(spec.attempt, soon())
  expect(exit).toMatchObject({ code: 3, oomKilled: false, error: null })
  expect(Math.abs(exit.finishedAt - Date.now())).toBeLessThan(30_000)
  expect(await bench.outputOf(spec.attempt)).toBe('a b|c"d|/tmp|42|e\nf|')
  await bench.runner.remove(spec.attempt)
})

it('mounts the workspace as the working folder and the exchange folder for outputs', async () => {
  const workspace = join(bench.folder, 'clone')
  const shared = join(bench.folder, 'objects')
  for (const path of [workspace, shared]) mkdirSync(path, { mode: 0o777 })
  writeFileSync(join(shared, 'pack'), 'objects')
  writeFileSync(join(workspace, 'in'), 'from the host')
  const command = `pwd; cat in; cat ${shared}/pack; echo x > ${shared}/pack; echo answer=42 >> $AMPHITHEATRE_OUTPUT; echo $AMPHITHEATRE_TASK $AMPHITHEATRE_AGENT $AMPHITHEATRE_ATTEMPT $EXTRA`
  const spec = bench.spec('mounts', command, { workspace, readOnlyMounts: [shared], env: { EXTRA: 'e=f' } })
  await bench.runner.start(spec)
  const output = await bench.outputOf(spec.attempt)
  expect(output).toMatch(/^\/workspace$/m)
  expect(output).toContain('from the hostobjects')
  expect(output).toContain('Read-only file system')
  expect(output).toContain(`mounts Tester/mounts#1 ${spec.attempt} e=f\n`)
  expect(readFileSync(join(spec.exchange, 'output'), 'utf8')).toBe('answer=42\n')
  await bench.runner.remove(spec.attempt)
})

it('mounts what is only read so that it cannot be written, and passes over what is a link or not there', async () => {
  const workspace = join(bench.folder, 'readonly')
  for (const folder of ['docs/deep', 'src', 'host']) mkdirSync(join(workspace, folder), { recursive: true })
  for (const file of ['docs/a', 'docs/deep/b', 'src/c', 'LICENSE']) writeFileSync(join(workspace, file), '1')
  symlinkSync('/etc', join(workspace, 'link'))
  execFileSync('chmod', ['-R', 'a+rwX', workspace])
  const write = (path: string): string => `echo 2 > ${path} && echo "wrote ${path}" || echo "refused ${path}"`
  const paths = ['docs/a', 'docs/deep/b', 'docs/new', 'LICENSE', 'src/c', 'new']
  const command = `${paths.map(write).join('; ')}; rm -rf docs || echo kept; touch link/x || echo outside`
  const readOnly = ['docs', 'LICENSE', 'link', 'nothing/here']
  const spec = bench.spec('readonly', command, { workspace, readOnly })
  await bench.runner.start(spec)
  const output = await bench.outputOf(spec.attempt)
  expect(output.split('\n').filter((line) => /^(wrote|refused|kept)/.test(line))).toEqual([
    'refused docs/a',
    'refused docs/deep/b',
    'refused docs/new',
    'refused LICENSE',
    'wrote src/c',
    'wrote new',
    'kept',
  ])
  expect(readFileSync(join(workspace, 'docs/a'), 'utf8')).toBe('1')
  await bench.runner.remove(spec.attempt)
})

it('never starts an attempt twice, however often and by whomever it is asked', async () => {
  const spec = bench.spec('once', 'echo ran >> $AMPHITHEATRE_OUTPUT')
  const second = bench.another()
  const answers = await Promise.all([bench.runner.start(spec), bench.runner.start(spec)])
  expect(answers[0].handle).toBe(answers[1].handle)
  const exit = await bench.runner.wait(spec.attempt, soon())
  expect(await second.start(spec)).toMatchObject({ status: 'exited', exit: { code: 0 } })
  expect(await second.wait(spec.attempt, soon())).toMatchObject({ code: exit.code })
  // Even started behind the runner's back, the latch holds.
  await bench.docker.getContainer(containerName(bench.install, spec.attempt)).start()
  await bench.docker.getContainer(containerName(bench.install, spec.attempt)).wait()
  expect((await second.find(spec.attempt))?.exit?.code).toBe(ALREADY_STARTED_EXIT)
  expect(readFileSync(join(spec.exchange, 'output'), 'utf8')).toBe('ran\n')
  await bench.runner.remove(spec.attempt)
  // A lost container made anew does not run it again either.
  expect(await bench.runOnce(spec)).toMatchObject({ code: ALREADY_STARTED_EXIT })
})

it('starts what was created and never started, and runs it once when two engines do so', async () => {
  const spec = bench.spec('created', 'echo ran >> $AMPHITHEATRE_OUTPUT; sleep 30')
  const others = [bench.another(), bench.another(), bench.another()]
  const answers = await Promise.all(others.map((one) => one.start(spec)))
  expect(new Set(answers.map((one) => one.handle)).size).toBe(1)
  expect(answers.every((one) => one.status === 'running')).toBe(true)
  await bench.runner.stop(spec.attempt, 0)
  expect(readFileSync(join(spec.exchange, 'output'), 'utf8')).toBe('ran\n')
  await bench.runner.remove(spec.attempt)
})

it('says what is wrong when a command cannot be run at all', async () => {
  const missing = bench.spec('no-image', 'true', { image: 'amphitheatre/agent:never-built' })
  await expect(bench.runner.start(missing)).rejects.toMatchObject({
    kind: 'refused',
    remedy: expect.stringContaining('docker pull'),
  })
  const gone = bench.spec('no-folder', 'true', { workspace: join(bench.folder, 'not-there') })
  await expect(bench.runner.start(gone)).rejects.toThrow(/not-there|does not exist/)
  expect(() => createDockerRunner({ install: 'x', uid: 0, gid: 0 })).toThrow(/root/)
})
