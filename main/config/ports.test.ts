import { describe, expect, it } from 'vitest'
import { planFor } from './planFor.ts'
import { parsePortRange } from './ports.ts'
import { loadProjectText } from './project.ts'

function load(task: string, ports = 'ports: {range: 40000-40003}') {
  return loadProjectText(
    `
version: 1
extends: amphitheatre-devops
${ports}
epics:
  go: {phases: [{name: all, tasks: [{id: it, agent: BuildMaster, run: 'true', ${task}}]}]}
`,
    { env: {} },
  )
}
const problems = (...args: Parameters<typeof load>): readonly string[] => {
  const loaded = load(...args)
  return loaded.ok ? [] : loaded.problems.map(({ message }) => message)
}

describe('ports', () => {
  it('are leased from the range, each in a variable of its own', () => {
    const loaded = load('uses: [port, {resource: port, env: DB_PORT}, port:5432]')
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const plan = planFor(loaded.project, 'go')!
    expect(plan.ports).toEqual({ from: 40_000, to: 40_003 })
    expect(plan.tasks[0]).toMatchObject({
      ports: ['PORT', 'DB_PORT'],
      uses: [{ kind: 'resource', on: 'port:5432', mode: 'exclusive' }],
    })
  })

  it('are none where nobody uses one', () => {
    const loaded = load('uses: [port:5432]', '')
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const plan = planFor(loaded.project, 'go')!
    expect([plan.ports, plan.tasks[0]!.ports]).toEqual([undefined, undefined])
  })

  it.each([
    ['uses: [port]', '', 'there are no ports to lease: add "ports: {range: 40000-40099}"'],
    [
      'uses: [port, {resource: port, env: B}]',
      'ports: {range: 40000-40000}',
      'it uses 2 ports, "ports" has 1',
    ],
    ['uses: [port, port]', undefined, 'two values for PORT: name each port with "env"'],
    ['uses: [port], env: {PORT: 80}', undefined, 'two values for PORT: name each port with "env"'],
    ['uses: [{resource: cache, env: A}]', undefined, '"env" is for the resource "port"'],
    ['uses: [{resource: port, shared: true}]', undefined, 'a leased port is not shared'],
    ['uses: [port]', 'ports: {range: 80-90}', expect.stringContaining('"80-90" is no range of ports')],
  ])('%s with "%s" is refused', (task, ports, message) => {
    expect(problems(task, ports)).toEqual([message])
  })

  it.each(['1024-1024', ' 40000 - 49999 '])('"%s" is a range', (text) => {
    expect(parsePortRange(text)).toBeDefined()
  })
  it.each(['1023-1025', '5-4', '2000-1999', '60000-65536', '2000-12000', '2000', 'a-b', ''])(
    '"%s" is none',
    (text) => {
      expect(parsePortRange(text)).toBeUndefined()
    },
  )
})
