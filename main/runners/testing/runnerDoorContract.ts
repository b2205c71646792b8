import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { OpenDoor } from '../../engine/ports/doors.ts'
import { type RunnerBench, readUntil } from './runnerContract.ts'

/** What an agent sees of its door. `seen` is where the folder is for it: where it is mounted, or as on the host. */
export function runnerDoorContract(
  open: () => Promise<RunnerBench>,
  seen: (door: OpenDoor) => { readonly folder: string; readonly context: string },
): void {
  let bench: RunnerBench
  let door: OpenDoor
  beforeAll(async () => {
    bench = await open()
    const folder = join(bench.folder, 'door')
    const context = join(bench.folder, 'project', 'context')
    for (const made of ['bin', 'context', 'replies']) mkdirSync(join(folder, made), { recursive: true })
    mkdirSync(join(context, 'agents'), { recursive: true })
    writeFileSync(join(context, 'agents', 'state.yaml'), 'state: fine\n')
    writeFileSync(join(bench.folder, 'project', 'secret'), 'not for agents')
    for (const [name, says] of [
      ['amphi-say', 'from the door'],
      ['cat', 'no cat'],
    ] as const) {
      writeFileSync(join(folder, 'bin', name), `#!/bin/sh\necho ${says}\n`)
      chmodSync(join(folder, 'bin', name), 0o755)
    }
    door = { folder, context, env: { DOOR_SAYS: 'hello', GIVEN: 'by the door' } }
  }, 60_000)
  afterAll(() => bench.dispose())

  it('has its programs last on the PATH, its variables, and the context', async () => {
    const { context } = seen(door)
    const look = `amphi-say; echo "$DOOR_SAYS, $GIVEN"; cat ${context}/agents/state.yaml`
    const spec = bench.spec('door', `${look}; echo end; sleep 60`, { door, env: { GIVEN: 'by the task' } })
    await bench.runner.start(spec)
    const expected = 'from the door\nhello, by the door\nstate: fine\n'
    expect(await readUntil(bench.runner, spec.attempt, 'end\n')).toBe(`${expected}end\n`)
    const never = new AbortController().signal
    expect(await bench.runner.exec(spec.attempt, look, 30_000, never)).toEqual({ code: 0, output: expected })
    // What comes later is seen, too.
    writeFileSync(join(door.folder, 'replies', 'r1'), 'a reply\n')
    const { output } = await bench.runner.exec(
      spec.attempt,
      `cat ${seen(door).folder}/replies/r1`,
      30_000,
      never,
    )
    expect(output).toBe('a reply\n')
    await bench.runner.remove(spec.attempt)
  })

  it.runIf(process.getuid?.() === 0)('cannot write there, nor see what lies beside', async () => {
    const { folder, context } = seen(door)
    const tries = [folder, `${folder}/bin`, `${folder}/replies`, context].map((at) => `echo x >${at}/made`)
    const command = `for try in ${tries.map((one) => `'${one}'`).join(' ')} 'echo x >>${folder}/bin/cat'; do
      sh -c "$try" 2>/dev/null && echo "could: $try"
    done; rm -f ${context}/agents/state.yaml 2>/dev/null; cat ${context}/../secret 2>/dev/null; ls ${folder}/..`
    const spec = bench.spec('door-closed', command, { door })
    await bench.runner.start(spec)
    await bench.runner.wait(spec.attempt, AbortSignal.timeout(30_000))
    const output = await bench.outputOf(spec.attempt)
    expect(output).not.toMatch(/could|not for agents/)
    expect(output.split('\n')).toContain(folder.split('/').at(-1))
    expect(existsSync(join(door.context, 'agents', 'state.yaml'))).toBe(true)
    await bench.runner.remove(spec.attempt)
  })

  it('is left out where there is none', async () => {
    const spec = bench.spec('no-door', 'command -v amphi-say || echo nothing')
    await bench.runner.start(spec)
    await bench.runner.wait(spec.attempt, AbortSignal.timeout(30_000))
    expect(await bench.outputOf(spec.attempt)).toBe('nothing\n')
    await bench.runner.remove(spec.attempt)
  })
}
