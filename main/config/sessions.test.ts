import { expect, test } from 'vitest'
import { formatProblem } from './problems.ts'
import { loadProjectText } from './project.ts'

const load = (agents: string) =>
  loadProjectText(`version: 1\nsessions:\n  phase-1-backend:\n    agents: [${agents}]\n`, {
    env: {},
    file: 'f',
  })
const problems = (agents: string): readonly string[] => {
  const result = load(agents)
  return result.ok ? [] : result.problems.map(formatProblem)
}

test('agents come in the order they can start in, with defaults filled in', () => {
  const result = load(
    `{name: API, files: [api/**], dependencies: [database agent], wait_for_completion: false, priority: 1},
     {name: Database Agent, files: db/**, timeout: 10 minutes}`,
  )
  expect(result).toMatchObject({
    ok: true,
    project: {
      sessions: [
        {
          id: 'phase-1-backend',
          title: 'phase-1-backend',
          agents: [
            {
              name: 'Database Agent',
              files: ['db/**'],
              priority: 3,
              after: [],
              waits: true,
              limitMs: 600_000,
            },
            {
              name: 'API',
              files: ['api/**'],
              priority: 1,
              after: ['database agent'],
              waits: false,
              limitMs: null,
            },
          ],
        },
      ],
    },
  })
})

test('what cannot be started is told with its place', () => {
  expect(problems('{name: A, dependencies: [B]}, {name: b, dependencies: [a]}')).toEqual([
    expect.stringMatching(/^f:4:\d+: these wait for each other: A → b → A$/),
  ])
  expect(problems('{name: A}, {name: "a "}')).toEqual([
    expect.stringMatching(/another agent of this session is called "A"/),
  ])
  expect(problems('{name: A, priority: 9, files: [../x]}')).toHaveLength(2)
})
