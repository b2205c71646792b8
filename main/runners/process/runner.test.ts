import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { AgentSpec } from '../../engine/ports/runner.ts'
import { readUntil } from '../testing/runnerContract.ts'
import { keyOf } from './layout.ts'
import { isAlive, lookAt } from './processes.ts'
import { type AgentState, readState, writeState } from './record.ts'
import { createProcessRunner } from './runner.ts'
import { createProcessBench, type ProcessBench, TEST_UID } from './testBench.ts'

let bench: ProcessBench
beforeAll(async () => {
  bench = await createProcessBench()
})
// One that fails leaves nothing to the next.
afterEach(async () => {
  for (const { attempt } of await bench.runner.list()) await bench.runner.remove(attempt)
})
afterAll(() => bench.dispose())

const TTY = { columns: 80, rows: 24 }
const isRoot = process.getuid?.() === 0
const soon = (): AbortSignal => AbortSignal.timeout(30_000)

const folderOf = (spec: AgentSpec): string =>
  join(bench.dataDir, 'processes/agents', keyOf(bench.install, spec.attempt))
const stateOf = (spec: AgentSpec): AgentState => readState(folderOf(spec))!

/** Runs to the end in a terminal; what it printed, without carriage returns. */
async function printed(spec: AgentSpec): Promise<string> {
  await bench.runner.start(spec)
  await bench.runner.wait(spec.attempt, soon())
  const output = (await bench.outputOf(spec.attempt)).replaceAll('\r', '')
  await bench.runner.remove(spec.attempt)
  return output
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !condition(); await delay(10)) {
    if (Date.now() > end) throw new Error(`never: ${condition}`)
  }
}

it('says that it is ready, and that it is not isolated', async () => {
  expect(await bench.runner.check()).toEqual({ status: 'ready', version: 'Node 24 · not isolated' })
  expect(bench.runner.isolated).toBe(false)
  expect(() => createProcessRunner({ install: 'x', dataDir: '/nowhere', uid: 0, gid: 0 })).toThrow(/root/)
})

describe('what an agent is given', () => {
  it('has an environment made from scratch: nothing of the engine’s, the program’s Node first', async () => {
    process.env.SECRET_TOKEN = 'do not tell'
    const spec = bench.spec('env', 'env; echo "node=$(command -v node)"', { tty: TTY, env: { EXTRA: 'e=f' } })
    const output = await printed(spec)
    delete process.env.SECRET_TOKEN
    const names = output.split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? [])
    expect(names.filter((name) => !/^(AMPHITHEATRE|GIT)_/.test(name)).sort()).toEqual(
      ['EXTRA', 'HOME', 'LANG', 'OLDPWD', 'PAGER', 'PATH', 'PWD', 'TERM', 'TMPDIR'].filter((name) =>
        names.includes(name),
      ),
    )
    expect(output).toContain('\nEXTRA=e=f\n')
    expect(output).toContain(`AMPHITHEATRE_OUTPUT=${spec.exchange}/output\n`)
    expect(output).toContain(`node=${process.execPath}\n`)
    expect(output).toContain(`HOME=${folderOf(spec)}/home\n`)
    expect(output).not.toContain('do not tell')
  })

  it('stands in its workspace, reads what it may and writes only its own', async () => {
    const workspace = join(bench.folder, 'clone')
    const shared = join(bench.folder, 'objects')
    for (const path of [workspace, shared]) mkdirSync(path, { mode: 0o777 })
    writeFileSync(join(shared, 'pack'), 'objects')
    writeFileSync(join(workspace, 'in'), 'from the host')
    const command = `pwd; cat in; cat ${shared}/pack; echo answer=42 >> $AMPHITHEATRE_OUTPUT; touch ~/x $TMPDIR/x && echo fine`
    const spec = bench.spec('folders', command, { workspace, readOnlyMounts: [shared] })
    expect(await printed(spec)).toBe(`${workspace}\nfrom the hostobjectsfine\n`)
    expect(readFileSync(join(spec.exchange, 'output'), 'utf8')).toBe('answer=42\n')
    const gone = bench.spec('no-folder', 'true', { workspace: join(bench.folder, 'not-there') })
    await expect(bench.runner.start(gone)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('not-there'),
    })
  })

  it.runIf(isRoot)(
    'is another user than root, gains nothing, and sees nothing of the data folder',
    async () => {
      writeFileSync(join(bench.dataDir, 'amphitheatre.db'), 'the log')
      const command = `id -u; id -g; id -G; grep NoNewPrivs /proc/self/status; ls -am ${bench.dataDir}; ls ${bench.dataDir}/processes/agents | wc -l; echo hi >/dev/stderr; ls /root`
      const output = await printed(bench.spec('user', command, { tty: TTY }))
      expect(output).toMatch(
        new RegExp(`^${TEST_UID}\n${TEST_UID}\n${TEST_UID}\nNoNewPrivs:\t1\n\\., \\.\\., processes\n1\nhi\n`),
      )
      expect(output).toMatch(/Permission denied|cannot open/)
    },
  )

  it.runIf(process.platform === 'linux')('is ended when it uses more than it may', async () => {
    const resources = { cpus: null, memoryBytes: 300 * 1024 * 1024, pids: 8 }
    const greedy = `node -e 'const a = Buffer.alloc(400e6, 1); setTimeout(() => a, 60000)'`
    const fertile = 'for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; wait'
    const specs = [greedy, fertile].map((command, i) =>
      bench.spec(`limits-${i}`, command, { resources, tty: TTY }),
    )
    for (const spec of specs) await bench.runner.start(spec)
    const ends = await Promise.all(specs.map(({ attempt }) => bench.runner.wait(attempt, soon())))
    expect(ends).toMatchObject([
      { code: 137, oomKilled: true, error: null },
      { code: 137, oomKilled: false, error: 'It had 10 processes at once; 8 are allowed.' },
    ])
    for (const spec of specs) await bench.runner.remove(spec.attempt)
  })

  it.runIf(process.platform === 'linux')(
    'was ended, also when it was quick to call the end of its children a success',
    async () => {
      const resources = { cpus: null, memoryBytes: null, pids: 4 }
      // The shell is through with waiting as soon as the last child is killed, and is the last to be killed.
      const fertile = 'for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; wait; exit 0'
      const specs = [0, 1, 2, 3].map((i) => bench.spec(`quick-${i}`, fertile, { resources }))
      for (const spec of specs) await bench.runner.start(spec)
      const ends = await Promise.all(specs.map(({ attempt }) => bench.runner.wait(attempt, soon())))
      expect(ends.map(({ code }) => code)).toEqual([137, 137, 137, 137])
    },
  )

  it('has a socket even where its folder’s path is too long for one', async () => {
    const dataDir = join(bench.folder, 'd'.repeat(100))
    const runner = createProcessRunner({ install: bench.install, dataDir, uid: TEST_UID, gid: TEST_UID })
    const spec = bench.spec('far', 'read a; echo "got $a"', { tty: TTY })
    await runner.start(spec)
    await runner.input(spec.attempt, Buffer.from('it\n'))
    expect(await readUntil(runner, spec.attempt, 'got it')).toContain('got it')
    await runner.remove(spec.attempt)
    await runner.close()
  })
})

describe('an end', () => {
  it.each(['true', 'kill -9 $$', 'sleep 60'])(
    'takes along everything the agent started (%s)',
    async (end) => {
      // One in the group, one in a session of its own, one that has left its parent, too.
      const command = `(trap '' TERM HUP; sleep 77) & setsid sleep 77 & (setsid sh -c 'sleep 77; true' &) ; sleep 0.2; echo up; ${end}`
      const spec = bench.spec(`family-${end.split(' ')[0]}`, command, { tty: TTY })
      await bench.runner.start(spec)
      await readUntil(bench.runner, spec.attempt, 'up')
      if (end.startsWith('sleep')) await bench.runner.stop(spec.attempt, 100)
      await bench.runner.wait(spec.attempt, soon())
      expect(bench.strays(spec.attempt)).toEqual([])
      await bench.runner.remove(spec.attempt)
    },
  )

  it('pauses everything the agent started', async () => {
    const command = 'setsid sh -c "while :; do sleep 0.01; done" & echo up; while :; do sleep 0.01; done'
    const spec = bench.spec('pause', command)
    await bench.runner.start(spec)
    await readUntil(bench.runner, spec.attempt, 'up')
    await bench.runner.pause(spec.attempt)
    const before = await bench.runner.usage(spec.attempt)
    expect((await bench.runner.find(spec.attempt))?.status).toBe('paused')
    await delay(1_100)
    expect(await bench.runner.usage(spec.attempt)).toMatchObject({ cpuMs: before!.cpuMs })
    await bench.runner.resume(spec.attempt)
    await bench.runner.remove(spec.attempt)
    expect(bench.strays(spec.attempt)).toEqual([])
  })

  it('leaves no folder, also when the agent shut one against everybody', async () => {
    const spec = bench.spec('shut', 'mkdir -p ~/a/b && touch ~/a/b/c && chmod 000 ~/a/b ~/a')
    await printed(spec)
    expect(existsSync(folderOf(spec))).toBe(false)
    expect(readdirSync(join(bench.dataDir, 'processes/agents'))).toEqual([])
  })

  it('comes after all of the output, however much is under way', async () => {
    const command = `node -e 'process.stdout.write("x".repeat(3e6) + "\\nlast words\\n")'`
    const spec = bench.spec('much', command, { tty: TTY })
    expect(await printed(spec)).toBe(`${'x'.repeat(3e6)}\nlast words\n`)
  })
})

describe('after a crash', () => {
  it('an agent outlives its engine and is adopted by the next', async () => {
    const spec = bench.spec('outlive', 'echo up; read a; echo "got $a"; exit 7', { tty: TTY })
    const host = join(import.meta.dirname, 'testHost.ts')
    const options = JSON.stringify({ install: bench.install, dataDir: bench.dataDir, spec })
    const engine = spawn(process.execPath, [host, options], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(engine.stdout, 'data')
    engine.kill('SIGKILL')
    await once(engine, 'exit')
    expect(await bench.runner.find(spec.attempt)).toMatchObject({ status: 'running' })
    await readUntil(bench.runner, spec.attempt, 'up')
    await bench.runner.input(spec.attempt, Buffer.from('on\n'))
    expect(await bench.runner.wait(spec.attempt, soon())).toMatchObject({ code: 7 })
    expect(await bench.outputOf(spec.attempt)).toBe('up\r\non\r\ngot on\r\n')
    await bench.runner.remove(spec.attempt)
  })

  it('one whose supervisor is killed goes on where it can, and is lost at its end', async () => {
    const spec = bench.spec('orphan', `trap '' HUP PIPE; touch ${join(bench.folder, 'orphan')}/up; sleep 60`)
    await bench.runner.start(spec)
    await until(() => existsSync(join(spec.exchange, 'up')))
    const { agent, supervisor } = stateOf(spec)
    process.kill(supervisor.pid, 'SIGKILL')
    await until(() => !isAlive(supervisor))
    expect(await bench.runner.find(spec.attempt)).toMatchObject({ status: 'running' })
    await expect(bench.runner.input(spec.attempt, Buffer.from('x'))).rejects.toMatchObject({
      kind: 'refused',
    })
    const waiting = bench.runner.wait(spec.attempt, soon())
    waiting.catch(() => undefined)
    process.kill(agent!.pid, 'SIGKILL')
    await expect(waiting).rejects.toMatchObject({ kind: 'refused' })
    expect(await bench.runner.find(spec.attempt)).toBeUndefined()
    // What is left of it can be seen, so that it is removed; asked to start it, the runner says that it ran before.
    expect(await bench.runner.list()).toMatchObject([{ attempt: spec.attempt, status: 'exited', exit: null }])
    expect(await bench.runner.start(spec)).toMatchObject({ status: 'exited', exit: { code: 97 } })
    expect(existsSync(join(spec.exchange, 'started-again'))).toBe(true)
    await bench.runner.remove(spec.attempt)
  })

  it('one in a terminal ends with its supervisor, and is lost', async () => {
    const spec = bench.spec('hung-up', 'echo up; sleep 60', { tty: TTY })
    await bench.runner.start(spec)
    await readUntil(bench.runner, spec.attempt, 'up')
    const waiting = bench.runner.wait(spec.attempt, soon())
    waiting.catch(() => undefined)
    process.kill(stateOf(spec).supervisor.pid, 'SIGKILL')
    await expect(waiting).rejects.toMatchObject({ kind: 'refused' })
    // Its output up to then is there.
    expect(await bench.outputOf(spec.attempt)).toBe('up\r\n')
    await bench.runner.remove(spec.attempt)
    expect(bench.strays(spec.attempt)).toEqual([])
  })

  it.each([
    [
      'another process has its id',
      (state: AgentState) => ({ ...state, ...idsOf(process.pid, 'some other start') }),
    ],
    ['the machine was started anew', (state: AgentState) => ({ ...state, boot: 'another boot' })],
  ])('nobody is taken for it when %s', async (what, change) => {
    const spec = bench.spec(`recycled-${what.length}`, 'sleep 60')
    await bench.runner.start(spec)
    const state = stateOf(spec)
    writeState(folderOf(spec), change(state))
    const next = bench.another()
    expect(await next.find(spec.attempt)).toBeUndefined()
    expect(await next.list()).toMatchObject([{ status: 'exited', exit: null }])
    await next.stop(spec.attempt, 0)
    await expect(next.wait(spec.attempt, soon())).rejects.toMatchObject({ kind: 'refused' })
    // Removing it does no harm to whoever has the id now, and finds what is the agent's all the same.
    await next.remove(spec.attempt)
    expect(isAlive(state.agent!)).toBe(false)
    expect(await next.find(spec.attempt)).toBeUndefined()
  })

  it('a removal that was cut short is ended by the next engine', async () => {
    const left = join(bench.dataDir, 'processes/agents', `${'0'.repeat(24)}.gone-x`)
    mkdirSync(join(left, 'home'), { recursive: true })
    const next = bench.another()
    expect(await next.list()).toEqual([])
    await next.close()
    expect(existsSync(left)).toBe(false)
  })

  it('one that was written down and never begun is begun by the next', async () => {
    const spec = bench.spec('begun', 'echo ran >> $AMPHITHEATRE_OUTPUT')
    const crashing = createProcessRunner({
      install: bench.install,
      dataDir: bench.dataDir,
      uid: TEST_UID,
      gid: TEST_UID,
      supervisor: '/nonexistent/supervisor.js',
    })
    await expect(crashing.start(spec)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('/nonexistent/supervisor.js'),
    })
    expect(await bench.runner.find(spec.attempt)).toMatchObject({ status: 'created', startedAt: null })
    // A supervisor claimed it, and died before it began.
    const { attempt } = spec
    const nobody = { pid: 2 ** 22 + 1, start: '1' }
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    const state = { attempt, boot, supervisor: nobody, agent: null, startedAt: null, exit: null }
    writeState(folderOf(spec), state)
    expect(await bench.runner.find(spec.attempt)).toMatchObject({ status: 'created' })
    await bench.runner.start(spec)
    expect(await bench.runner.wait(spec.attempt, soon())).toMatchObject({ code: 0 })
    expect(readFileSync(join(spec.exchange, 'output'), 'utf8')).toBe('ran\n')
    await bench.runner.remove(spec.attempt)
  })
})

it('loses none of many short-lived agents, their exit codes or their output', async () => {
  const results: unknown[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < 32) {
      const index = next++
      const spec = bench.spec(`many-${index}`, `echo out-${index}; exit ${index % 3}`, { tty: TTY })
      await bench.runner.start(spec)
      const [exit, output] = await Promise.all([
        bench.runner.wait(spec.attempt, soon()),
        bench.outputOf(spec.attempt),
      ])
      await bench.runner.remove(spec.attempt)
      results[index] = { code: exit.code, output }
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  expect(results).toEqual(Array.from({ length: 32 }, (_, i) => ({ code: i % 3, output: `out-${i}\r\n` })))
  expect(await bench.runner.list()).toEqual([])
})

function idsOf(pid: number, start: string): Pick<AgentState, 'agent' | 'supervisor'> {
  expect(lookAt(pid)).toBeDefined()
  return { agent: { pid, start }, supervisor: { pid, start } }
}
