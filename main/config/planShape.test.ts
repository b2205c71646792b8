import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientCommandSchema } from '../domain/commands.ts'
import { planFor } from './planFor.ts'
import { setupOf } from './setupOf.ts'
import { fixture, load } from './testing.ts'

/** What goes from a client to the engine is looked at there: every plan of a project passes, and nothing else. */
const sample = (name: string): string =>
  readFileSync(new URL(`../../resources/samples/${name}/amphitheatre.yaml`, import.meta.url), 'utf8')

const EVERYTHING = `version: 1
name: everything
extends: amphitheatre-devops
people: {CISO: ada}
rules: [NO two agents modify same file simultaneously]
merge: {check: make test}
ports: {range: 40000-40003}
gates:
  all:
    may_skip: CISO
    conditions:
      - {junit: r/*.xml, min_tests: 2, no_drop: true}
      - coverage: {lcov: c.info, lines: 80, no_drop: 0.5}
      - sarif: r/*.sarif
      - {trivy: r/trivy.json, fail_on: critical}
      - files: [README.md]
      - absent: ['**/*.orig']
      - contains: {file: a.md, pattern: '^x'}
      - {run: make, image: a/b:1, network: internet}
      - approval: {by: CISO, quorum: 1}
targets:
  here:
    docker: {port: 8080, service: {port: 3000, health: /health, resources: {cpus: 1, memory: 64MB}}}
    database: postgres
    gates: [all]
    env_files: [.env]
    points: {test: "30 3 * * *", time_zone: Europe/Berlin, remote: "backup:shop", aside: {keep: 1}}
    verify: {paths: [/], run: "true", image: a/b:1}
  there: {ssh: {host: me@there, deploy: ./deploy, rollback: ./back, take_down: ./stop}, database: {kind: hook, dump: d, restore: r}}
  cluster: {kubectl: {workload: deployment/shop, container: shop, url: "http://127.0.0.1:1"}}
  chart: {helm: {release: shop, chart: ./chart}}
  composed: {compose: {file: compose.yaml, service: shop}}
epics:
  ship:
    phases:
      - name: One
        gates: [all]
        tasks:
          - {id: a, agent: BuildMaster, run: make, writes: ['src/**'], gates: [all], services: {db: postgres, cache: {image: "redis:7", health: ping}}}
          - {id: b, agent: BuildMaster, run: make, needs: [a], retry: 2, irreversible: mails, env: {A: 1}}
          - {id: c, target: here, kind: backup, agent: BuildMaster}
          - {id: d, target: here, kind: migrate, run: up, agent: BuildMaster, needs: [c]}
          - {id: e, target: here, kind: deploy, image: {build: app}, version: "2", agent: BuildMaster, needs: [d]}
          - {id: f, target: there, kind: deploy, image: "a/b:1", agent: BuildMaster}
          - {id: g, target: here, do: recent-deploys, agent: BuildMaster}
          - {id: h, target: here, do: restart, agent: BuildMaster}
          - {id: i, target: cluster, kind: check, agent: BuildMaster}
          - {id: j, target: chart, kind: check, agent: BuildMaster}
          - {id: k, target: composed, kind: check, agent: BuildMaster}
`

const PROJECTS = {
  everything: EVERYTHING,
  ship: fixture('ship.yaml'),
  bookshelf: sample('bookshelf'),
  storefront: sample('storefront'),
}

const sent = (value: object): unknown => JSON.parse(JSON.stringify(value))
const starting = (plan: unknown): unknown => ({
  type: 'run.start',
  project: 'p',
  run: 'r',
  runner: 'docker',
  plan,
})
const configuring = (setup: unknown): unknown => ({ type: 'project.configure', project: 'p', setup })

const plans = Object.entries(PROJECTS).flatMap(([name, text]) => {
  const project = load(text)
  return project.epics.map((epic) => [`${name}/${epic.id}`, sent(planFor(project, epic.id)!)] as const)
})
const setups = Object.entries(PROJECTS).map(
  ([name, text]) => [name, sent(setupOf(load(text), 'docker'))] as const,
)

type Path = readonly (string | number)[]

/** Of everything that is no list and no record itself. */
function leaves(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, one]) => leaves(one, [...path, key]))
}

function replaced(value: unknown, [key, ...rest]: Path, put: unknown): unknown {
  if (key === undefined) return put
  const copy: Record<string | number, unknown> = Array.isArray(value)
    ? ([...value] as unknown as Record<number, unknown>)
    : { ...(value as Record<string, unknown>) }
  copy[key] = replaced(copy[key], rest, put)
  return copy
}

describe('commands of other processes', () => {
  it.each(plans)('start %s as its project has it', (_, plan) => {
    expect(clientCommandSchema.safeParse(starting(plan))).toMatchObject({ success: true, data: { plan } })
  })

  it.each(setups)('configure %s as its file has it', (_, setup) => {
    expect(clientCommandSchema.safeParse(configuring(setup))).toMatchObject({
      success: true,
      data: { setup },
    })
  })

  it('have nothing else in the place of anything', () => {
    const wholes = [
      ...plans.map(([, plan]) => [starting(plan), ['plan']] as const),
      ...setups.map(([, setup]) => [configuring(setup), ['setup']] as const),
    ]
    const places = wholes.flatMap(([command, root]) =>
      leaves((command as Record<string, unknown>)[root[0]!]).map(
        (path) => [command, [...root, ...path]] as const,
      ),
    )
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.constantFrom([7], [{}]), ([command, path], put) => {
        expect(clientCommandSchema.safeParse(replaced(command, path, put)).success).toBe(false)
      }),
      { numRuns: 400 },
    )
  })

  it.each([
    [{ tasks: 5 }, 'plan'],
    [{ tasks: [{ id: 'a' }] }, 'plan'],
    [null, 'plan'],
  ])('%j is no plan', (plan, place) => {
    const { error } = clientCommandSchema.safeParse(starting(plan))
    expect(error!.issues[0]!.path[0]).toBe(place)
  })

  it('neither order a rollback by the back door nor name what is an option to a program', () => {
    const [, plan] = plans.find(([name]) => name === 'everything/ship')!
    const tasks = (plan as { tasks: { id: string }[] }).tasks
    const at = (id: string): number => tasks.findIndex((task) => task.id === id)
    const targets = (plan as { targets: { name: string }[] }).targets
    const there = targets.findIndex(({ name }) => name === 'there')
    const restore = { do: 'restore', point: 'p1', key: 'k', part: 'image' }
    for (const [path, put] of [
      [['tasks', at('h'), 'action'], restore],
      [['tasks', at('h'), 'action'], { do: 'hold' }],
      [['rollback'], { target: 'here' }],
      [['targets', there, 'place', 'host'], '-oProxyCommand=id'],
      [['targets', there, 'envFiles'], ['../../etc/passwd']],
      [['tasks', at('f'), 'action', 'from', 'image'], '--rm'],
    ] as const)
      expect([put, clientCommandSchema.safeParse(starting(replaced(plan, path, put))).success]).toEqual([
        put,
        false,
      ])
  })
})
