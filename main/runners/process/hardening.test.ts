import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { attemptId, runId, taskId } from '../../domain/ids.ts'
import { Contact } from './contact.ts'
import { isAlive, lookAt } from './processes.ts'
import { markAgain, readState, type SupervisedSpec, writeSpec, writeState } from './record.ts'
import { createProcessRunner } from './runner.ts'
import { createProcessBench, type ProcessBench, TEST_UID } from './testBench.ts'

/** What agents, disks and other processes may do to the runner. */
let bench: ProcessBench
beforeAll(async () => {
  bench = await createProcessBench()
})
afterAll(() => bench.dispose())

const soon = (): AbortSignal => AbortSignal.timeout(30_000)

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !condition(); await delay(10)) {
    if (Date.now() > end) throw new Error(`never: ${condition}`)
  }
}

describe('an agent', () => {
  it('leads no writing of the engine’s elsewhere by a link', () => {
    const exchange = join(bench.folder, 'linked')
    mkdirSync(exchange)
    const precious = join(bench.folder, 'precious')
    writeFileSync(precious, 'kept')
    symlinkSync(precious, join(exchange, 'started-again'))
    markAgain(exchange)
    expect(readFileSync(precious, 'utf8')).toBe('kept')
    expect(lstatSync(join(exchange, 'started-again')).isSymbolicLink()).toBe(true)
  })

  it.runIf(process.platform === 'linux')('leaves no chain of processes that flee behind', async () => {
    const links = join(bench.folder, 'links')
    const script = join(bench.folder, 'chain.sh')
    // Each link starts the next in a session of its own and goes; it ends by itself after a while.
    writeFileSync(
      script,
      'sleep 0.05; echo $1 >> $2; [ $1 -lt 400 ] && (setsid sh $0 $(($1 + 1)) $2 >/dev/null 2>&1 &)\n',
    )
    chmodSync(script, 0o644)
    writeFileSync(links, '')
    chmodSync(links, 0o666)
    chmodSync(bench.folder, 0o755)
    const start = `for i in 1 2 3; do (setsid sh ${script} 1 ${links} >/dev/null 2>&1 &); done; sleep 0.3; exit 3`
    const spec = bench.spec('chain', start)
    await bench.runner.start(spec)
    expect(await bench.runner.wait(spec.attempt, soon())).toMatchObject({ code: 3 })
    const last = readFileSync(links, 'utf8')
    expect(last.length).toBeGreaterThan(0)
    expect(bench.strays(spec.attempt)).toEqual([])
    await bench.runner.remove(spec.attempt)
    expect(readFileSync(links, 'utf8')).toBe(last)
  })

  it('that takes what is typed late gets all of it, and its supervisor sees to the rest meanwhile', async () => {
    const command =
      'stty raw -echo; echo up > $AMPHITHEATRE_OUTPUT; read go < $AMPHITHEATRE_OUTPUT.go; echo went; head -c 100000 | cksum'
    const spec = bench.spec('late', command, { tty: { columns: 80, rows: 24 } })
    const go = join(spec.exchange, 'output.go')
    mkdirSync(spec.exchange, { recursive: true })
    execFileSync('mkfifo', ['-m', '666', go])
    await bench.runner.start(spec)
    await until(() => existsSync(join(spec.exchange, 'output')))
    const text = Buffer.from(Array.from({ length: 100_000 }, (_, i) => 97 + (i % 23)))
    await bench.runner.input(spec.attempt, text.subarray(0, 30_000))
    await bench.runner.input(spec.attempt, text.subarray(30_000))
    await bench.runner.resize(spec.attempt, 100, 30)
    writeFileSync(go, 'go\n')
    await bench.runner.wait(spec.attempt, soon())
    const sum = execFileSync('cksum', { input: text }).toString().trim()
    expect((await bench.outputOf(spec.attempt)).replaceAll('\r', '').split('\n')).toEqual(['went', sum, ''])
    await bench.runner.remove(spec.attempt)
  })

  it('that does not take what is typed cannot fill the memory of its supervisor', async () => {
    const command = 'stty raw -echo; echo up > $AMPHITHEATRE_OUTPUT; sleep 60'
    const spec = bench.spec('deaf', command, { tty: { columns: 80, rows: 24 } })
    await bench.runner.start(spec)
    await until(() => existsSync(join(spec.exchange, 'output')))
    const megabyte = Buffer.alloc(1024 * 1024, 'x')
    const typed = async (): Promise<void> => {
      for (let i = 0; i < 8; i++) await bench.runner.input(spec.attempt, megabyte)
    }
    await expect(typed()).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('does not take'),
    })
    expect(await bench.runner.find(spec.attempt)).toMatchObject({ status: 'running' })
    await bench.runner.remove(spec.attempt)
  })
})

describe('a supervisor', () => {
  let folder: string
  let child: ChildProcess | undefined
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'amphi-supervisor-'))
  })
  afterEach(() => {
    child?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  /** Started by hand, with the system changed for it by `preload`. */
  function supervise(command: string, preload: string): ChildProcess {
    const exchange = join(folder, 'exchange')
    mkdirSync(exchange)
    const own = join(folder, 'own')
    mkdirSync(own)
    const spec: SupervisedSpec = {
      attempt: attemptId(runId('r'), taskId('t'), 1),
      file: '/bin/sh',
      args: ['-c', command],
      env: { PATH: '/usr/bin:/bin', AMPHITHEATRE_AGENT_KEY: folder },
      cwd: exchange,
      tty: null,
      exchange,
      owner: null,
      address: join(own, 's'),
      marker: `AMPHITHEATRE_AGENT_KEY=${folder}`,
      cgroup: null,
      watched: { memoryBytes: null, processes: null },
    }
    writeSpec(own, spec)
    const code = `data:text/javascript,${encodeURIComponent(preload)}`
    const program = join(import.meta.dirname, 'supervisor.ts')
    child = spawn(process.execPath, ['--no-warnings', '--import', code, program, own], { stdio: 'ignore' })
    return child
  }

  it('ends its agent when its folder has been removed', async () => {
    // Looks come a hundred times as often.
    const hasty = 'const real = setInterval; globalThis.setInterval = (f, ms) => real(f, ms / 100)'
    const supervisor = supervise('exec sleep 60', hasty)
    const own = join(folder, 'own')
    await until(() => readState(own)?.agent != null)
    const { agent } = readState(own)!
    const ended = once(supervisor, 'exit')
    rmSync(own, { recursive: true, maxRetries: 10 })
    await ended
    expect(isAlive(agent!)).toBe(false)
  })

  it('that cannot write down what it began does so once it can, and begins nothing else', async () => {
    const full = `
      import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      const real = fs.renameSync
      let times = 0
      fs.renameSync = (from, to) => {
        if (to.endsWith('state.json') && times++ < 1) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
        return real(from, to)
      }
      syncBuiltinESMExports()`
    const supervisor = supervise('echo $$ > pid; exec sleep 60', full)
    const own = join(folder, 'own')
    await until(() => readState(own)?.agent != null)
    const { agent, exit } = readState(own)!
    expect(exit).toBeNull()
    expect(agent!.pid).toBe(Number(readFileSync(join(folder, 'exchange', 'pid'), 'utf8')))
    const ended = once(supervisor, 'exit')
    process.kill(agent!.pid, 'SIGKILL')
    await ended
    expect(readState(own)!.exit).toMatchObject({ code: 137 })
  })

  it('that hangs as it is started is told of', async () => {
    const hung = join(folder, 'node')
    writeFileSync(hung, '#!/bin/sh\nexec sleep 2\n', { mode: 0o755 })
    const { install, dataDir } = bench
    const ids = { uid: TEST_UID, gid: TEST_UID }
    const runner = createProcessRunner({ install, dataDir, ...ids, node: hung, startLimitMs: 50 })
    const spec = bench.spec('hung', 'true')
    await expect(runner.start(spec)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('hangs'),
    })
    await runner.remove(spec.attempt)
    await runner.close()
  })

  it('that hangs keeps nobody waiting who types', async () => {
    const server = createServer((socket) => void socket.on('data', () => arrived()))
    let arrived: () => void = () => undefined
    const heard = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const address = join(folder, 's')
    await once(server.listen(address), 'listening')
    writeSpec(folder, { address } as SupervisedSpec)
    const self = { pid: process.pid, start: lookAt(process.pid)!.start }
    const attempt = attemptId(runId('r'), taskId('t'), 1)
    writeState(folder, { attempt, boot: 'b', supervisor: self, agent: self, startedAt: 1, exit: null })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const contact = new Contact(folder, 'b')
    try {
      const asked = expect(contact.ask({ type: 'input', data: '' })).rejects.toMatchObject({
        kind: 'unavailable',
      })
      await heard
      vi.advanceTimersByTime(10_000)
      await asked
    } finally {
      vi.useRealTimers()
      contact.close()
      server.close()
    }
  })
})
