import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { attemptId, projectId, runId, taskId } from '../domain/ids.ts'
import type { AgentFiles } from '../engine/ports/agentFiles.ts'
import { createAgentFiles } from './agentFiles.ts'
import { MAX_OUTPUTS_BYTES, parseOutputs } from './outputs.ts'

const project = projectId('p')
const attempt = attemptId(runId('r'), taskId('t'), 1)
let dataDir: string
let files: AgentFiles
let outputs: string

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'amphitheatre-files-'))
  files = createAgentFiles({ dataDir, uid: 1000, gid: 1000, openOutput: () => undefined as never })
  outputs = join(await files.prepareExchange(project, attempt), 'output')
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

test('no file is no outputs; lines are read, the last value of a name counts', async () => {
  expect(await files.readOutputs(project, attempt)).toEqual({ ok: true, outputs: {} })
  writeFileSync(outputs, 'a=1\nb=x=y \r\n\na=2')
  expect(await files.readOutputs(project, attempt)).toEqual({ ok: true, outputs: { a: '2', b: 'x=y ' } })
})

test.each([
  ['no name', '=1'],
  ['no value', 'just words'],
  ['a name with a dot', 'a.b=1'],
])('a line that is not name=value is named: %s', (_, line) => {
  const result = parseOutputs(`fine=1\n${line}\n`)
  expect(result).toMatchObject({ ok: false, error: expect.stringContaining('line 2') })
})

test('a name like an object property is only a name', () => {
  const result = parseOutputs('constructor=1\n__proto__=2')
  expect(result.ok && Object.hasOwn(result.outputs, 'constructor')).toBe(true)
})

test('links, pipes and files too large are refused without being followed or waited for', async () => {
  writeFileSync(join(dataDir, 'secret'), 'stolen=1')
  symlinkSync(join(dataDir, 'secret'), outputs)
  expect(await files.readOutputs(project, attempt)).toMatchObject({ ok: false })
  rmSync(outputs)
  execFileSync('mkfifo', [outputs])
  expect(await files.readOutputs(project, attempt)).toMatchObject({ ok: false })
  rmSync(outputs)
  mkdirSync(outputs)
  expect(await files.readOutputs(project, attempt)).toMatchObject({ ok: false })
  rmSync(outputs, { recursive: true })
  writeFileSync(outputs, `a=${'x'.repeat(MAX_OUTPUTS_BYTES)}`)
  expect(await files.readOutputs(project, attempt)).toMatchObject({
    ok: false,
    error: expect.stringContaining('64 KiB'),
  })
})

test('the latch tells that the command was begun, and goes with the folder', async () => {
  expect(await files.wasStarted(project, attempt)).toBe(false)
  writeFileSync(join(dirname(outputs), 'started'), '')
  expect(await files.wasStarted(project, attempt)).toBe(true)
  await files.removeExchange(project, attempt)
  expect(await files.wasStarted(project, attempt)).toBe(false)
})
