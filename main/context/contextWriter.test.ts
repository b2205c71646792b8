import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { commandId } from '../domain/ids.ts'
import { startChild } from '../store/testing/child.ts'
import { tempFolder } from '../store/testing/tempFolder.ts'
import { ContextWriter } from './contextWriter.ts'
import { contextFolder, projectContext } from './project.ts'
import { openRecording, RECORDED } from './testing/engine.ts'
import { readContext } from './testing/readContext.ts'

async function opened(dataDir: string) {
  const { engine, store } = await openRecording(dataDir)
  const lines: string[] = []
  const writer = new ContextWriter({ dataDir, log: (line) => lines.push(line) })
  onTestFinished(async () => {
    await engine.close()
    await writer.close()
    await store.close()
  })
  const send = (command: Parameters<typeof engine.dispatch>[0]) =>
    engine.dispatch(command, 'person:ann', commandId(crypto.randomUUID()))
  const isEqual = () =>
    expect(readContext(contextFolder(dataDir, RECORDED))).toEqual(
      new Map([...projectContext(engine.state, RECORDED)].sort(([a], [b]) => (a < b ? -1 : 1))),
    )
  return { engine, writer, lines, send, isEqual }
}

const register = { type: 'project.register', project: RECORDED, root: '/p', name: 'p' } as const

test('killed at any moment: files are whole, and the next start makes them equal to the log', async () => {
  const dataDir = tempFolder()
  for (const after of [1, 17, 60]) {
    await using child = startChild('../../context/testing/recordingChild.ts', dataDir)
    for (let i = 0; i < after; i++) await child.line()
    await child.kill()
    for (const [path, text] of readContext(contextFolder(dataDir, RECORDED)))
      if (path.endsWith('.yaml')) expect(parse(text)).toBeTypeOf('object')
  }
  const { engine, writer, isEqual } = await opened(dataDir)
  await writer.follow(engine)
  isEqual()
  expect(readdirSync(join(dataDir, 'projects/p/context'))).toEqual(['components', 'global'])
}, 60_000)

test('it follows the engine, waits for nobody, and what is due is written at the end', async () => {
  const dataDir = tempFolder()
  const { engine, writer, send, isEqual } = await opened(dataDir)
  await writer.follow(engine)
  await send(register)
  expect(await writer.ready(RECORDED)).toBe(contextFolder(dataDir, RECORDED))
  isEqual()
  await send({ type: 'risk.record', project: RECORDED, risk: { id: 'r', title: 'late', level: 'high' } })
  await writer.ready(RECORDED)
  isEqual()
  await send({ type: 'component.record', project: RECORDED, component: { name: 'api' } })
  await writer.close()
  isEqual()
})

test('what was spoilt is made again from the state', async () => {
  const dataDir = tempFolder()
  const { engine, writer, send, isEqual } = await opened(dataDir)
  await send(register)
  await writer.follow(engine)
  const folder = contextFolder(dataDir, RECORDED)
  writeFileSync(join(folder, 'global/risk_register.yaml'), 'forged: true')
  writeFileSync(join(folder, 'stray'), 'x')
  rmSync(join(folder, 'global/dependency_map.yaml'))
  expect(await writer.rebuild(RECORDED)).toEqual({ files: 3, written: 2, removed: 1 })
  isEqual()
})

test('a disk that refuses is told of, and caught up with', async () => {
  const dataDir = tempFolder()
  const { engine, writer, lines, send, isEqual } = await opened(dataDir)
  await send(register)
  writeFileSync(join(dataDir, 'projects'), 'in the way')
  await expect(writer.follow(engine)).rejects.toThrow()
  expect(lines).toHaveLength(1)
  expect(writer.trouble()).toMatch(/is behind: .*tried again by itself/)
  expect(readFileSync(join(dataDir, 'projects'), 'utf8')).toBe('in the way')
  rmSync(join(dataDir, 'projects'))
  await writer.ready(RECORDED)
  expect(writer.trouble()).toBeNull()
  isEqual()
})
