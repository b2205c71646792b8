import { describe, expect, it } from 'vitest'
import { planFor } from './planFor.ts'
import { load, problemsOf } from './testing.ts'

const DOCKER = 'docker: {port: 8080, service: {port: 3000, health: /health}}'

/** A project with one target of these fields and one task of these. */
function project(target: string, task: string): string {
  return `version: 1
extends: amphitheatre-devops
targets:
  staging: {${target}}
epics:
  ship:
    phases:
      - name: One
        tasks:
          - {id: a, agent: DeployCommander, ${task}}
`
}

const taskOf = (task: string, target = DOCKER) => planFor(load(project(target, task)), 'ship')!.tasks[0]!

describe('a task with a target', () => {
  it.each([
    [
      'kind: deploy, target: staging, image: "shop:2"',
      { do: 'deploy', from: { image: 'shop:2' }, version: '' },
      'none',
      'exclusive',
    ],
    [
      'kind: deploy, target: staging, image: {build: app}, version: "2.0"',
      { do: 'deploy', from: { build: 'app' }, version: '2.0' },
      'repo',
      'exclusive',
    ],
    ['kind: migrate, target: staging, run: up', { do: 'migrate', run: 'up' }, 'repo', 'exclusive'],
    ['kind: backup, target: staging', { do: 'point', name: null }, 'none', 'exclusive'],
    ['kind: check, target: staging', { do: 'verify' }, 'none', 'shared'],
    ['do: restart, target: staging', { do: 'restart' }, 'none', 'exclusive'],
    ['do: health, target: staging', { do: 'inspect', what: 'health' }, 'none', 'shared'],
    ['kind: check, target: staging, run: look', undefined, 'repo', 'shared'],
  ])('%s', (task, action, workspace, mode) => {
    expect(taskOf(task)).toMatchObject({
      target: 'staging',
      workspace,
      uses: [{ kind: 'resource', on: 'target:staging', mode }],
    })
    expect(taskOf(task).action).toEqual(action)
  })

  it('brings the targets it names into the plan, with what is not set', () => {
    const plan = planFor(
      load(project(`${DOCKER}, database: postgres`, 'kind: check, target: staging')),
      'ship',
    )!
    expect(plan.targets).toMatchObject([
      {
        name: 'staging',
        place: {
          kind: 'docker',
          strategy: 'blue-green',
          port: 8080,
          service: { internet: false, writable: false },
        },
        database: { kind: 'postgres', name: 'staging' },
        verify: { paths: [], onFailure: 'back' },
        points: { keep: 10 },
      },
    ])
    const none = planFor(load(project(DOCKER, 'run: x')), 'ship')!
    expect(none.targets).toBeUndefined()
  })

  it.each([
    ['sqlite', '/data/staging.db'],
    ['{kind: sqlite, file: /var/shop/shop.db}', '/var/shop/shop.db'],
  ])('has a SQLite file where it says: %s', (database, name) => {
    const project_ = load(project(`${DOCKER}, database: ${database}`, 'kind: check, target: staging'))
    expect(planFor(project_, 'ship')!.targets![0]!.database).toEqual({ kind: 'sqlite', name, hook: null })
  })

  it('has its services beside it', () => {
    const services =
      'services: {db: postgres, cache: {image: "redis:7", health: redis-cli ping, env: {A: 1.10}}}'
    expect(taskOf(`run: x, ${services}`).services).toEqual([
      { name: 'db', image: null, env: {}, health: null },
      { name: 'cache', image: { ref: 'redis:7' }, env: { A: '1.10' }, health: 'redis-cli ping' },
    ])
  })
})

const SSH = 'ssh: {host: there, deploy: x}'
it.each([
  ['run: x', 'title: Nowhere', /exactly one of docker, compose, ssh, kubectl, helm; this one has none/],
  ['run: x', `${DOCKER}, ${SSH}`, /this one has docker and ssh/],
  ['run: x', `${SSH}, database: postgres`, /a postgres database is kept beside a "docker" target only/],
  [
    'run: x',
    `${SSH}, database: sqlite`,
    /a sqlite database is kept beside a "docker" target only.*kind: hook/,
  ],
  ['run: x', `${DOCKER}, database: {kind: sqlite, file: shop.db}`, /write for example "\/data\/shop.db"/],
  ['run: x', `${DOCKER}, database: {kind: sqlite, file: /shop.db}`, /use one of its own/],
  ['run: x', `${DOCKER}, database: {kind: sqlite, file: /tmp/shop.db}`, /use one of its own/],
  ['run: x', 'ssh: {host: -oProxyCommand=x, deploy: x}', /not starting with "-"/],
  ['kind: deploy, target: stagign, image: x', DOCKER, /unknown target "stagign".*did you mean "staging"/],
  ['kind: deploy, target: staging', DOCKER, /"image" is missing: what is deployed/],
  ['kind: deploy, target: staging, image: x, run: y', DOCKER, /deployed by the engine, not by a command/],
  ['kind: migrate, target: staging', DOCKER, /"run" is missing: what migrates/],
  ['kind: migrate, target: staging, run: x', SSH, /only a "docker" target is migrated by the engine/],
  ['target: staging', DOCKER, /"run" is missing \(or "do", one of verify/],
  ['do: verify', DOCKER, /add "target:"/],
  ['do: verify, target: staging, run: x', DOCKER, /"run" has no meaning with "do"/],
  ['run: x, network: none, services: {db: postgres}', DOCKER, /nothing can be reached with "network: none"/],
])('refuses %s at %s', (task, target, words) => {
  expect(problemsOf(project(target, task)).join('\n')).toMatch(words)
})

it.each([':sftp,host=evil:points', 'backup,token=x:points', '--config=x', 'shop', '-x:y'])(
  'a remote that is none of rclone’s configuration is refused: %s',
  (remote) => {
    const messages = problemsOf(
      project(`${DOCKER}, points: {remote: ${JSON.stringify(remote)}}`, 'kind: check, target: staging'),
    )
    expect(messages.join()).toContain('is no remote of rclone')
  },
)

it('a remote may have any name rclone takes', () => {
  const of = (remote: string) =>
    load(project(`${DOCKER}, points: {remote: ${JSON.stringify(remote)}}`, 'kind: check, target: staging'))
      .targets[0]!.points.remote
  expect(['backup:shop', 'my store.2:a/b c', 'Käse:'].map(of)).toEqual([
    'backup:shop',
    'my store.2:a/b c',
    'Käse:',
  ])
})
