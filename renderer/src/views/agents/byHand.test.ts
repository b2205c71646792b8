import { expect, test } from 'vitest'
import { Driver, PROJECT } from '../../../../main/domain/testing/driver.ts'
import { agentsByHand, firstLockOf, placeInLine, projectsByHand } from './byHand.ts'

function register(
  driver: Driver,
  name: string,
  files: readonly string[],
  uses: readonly string[] = [],
): void {
  driver.must({
    type: 'registered.add',
    project: PROJECT,
    name,
    files: [...files],
    reads: [],
    uses: [...uses],
    priority: 3,
    after: [],
    waits: true,
    start: true,
    session: null,
    folder: '/home/ann/bookshelf',
    process: null,
    log: null,
    dirty: [],
    limitMs: null,
  })
}

test('agents started by hand are known by what they hold, and by whom they wait for', () => {
  const driver = new Driver()
  driver.must({ type: 'project.register', project: PROJECT, root: '/home/ann/bookshelf', name: 'bookshelf' })
  expect(projectsByHand(driver.state)).toEqual([])
  register(driver, 'Hop Counter', ['src/hops.py'])
  register(driver, 'Route Planner', ['src/*.py'])
  register(driver, 'Loader', [], ['port:5432'])
  const project = () => driver.state.projects.get(PROJECT)!
  const [first, second, third] = agentsByHand(project(), driver.now)
  expect([first, second, third].map((agent) => agent && firstLockOf(agent))).toEqual([
    'files:src/hops.py',
    'files:src/*.py',
    'resource:port:5432',
  ])
  expect(placeInLine(project().locks, first!)).toBeNull()
  expect(placeInLine(project().locks, second!)).toEqual({ what: 'src/*.py', behind: 'agent-1' })
  driver.must({ type: 'registered.complete', project: PROJECT, agent: 'agent-1', commit: null, token: null })
  expect(agentsByHand(project(), driver.now).map(({ id }) => id)).toEqual(['agent-2', 'agent-3', 'agent-1'])
  expect(agentsByHand(project(), driver.now + 3_600_000).map(({ id }) => id)).toEqual(['agent-2', 'agent-3'])
})
