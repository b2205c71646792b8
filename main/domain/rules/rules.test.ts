import { describe, expect, it, test } from 'vitest'
import { checkPlan } from '../checkPlan.ts'
import type { Command } from '../commands.ts'
import type { Lock } from '../locks/lock.ts'
import type { Plan } from '../plan.ts'
import { Driver, RUN } from '../testing/driver.ts'
import { plan, type TaskOptions, tasks } from '../testing/plan.ts'
import { at, finish, skip, start } from '../testing/steps.ts'
import { KNOWN_SENTENCES, parseRule, ruleOf } from './rule.ts'

const MINUTE = 60_000

describe('sentences', () => {
  test.each([
    ['NO two agents modify same file simultaneously', 'one-writer', null],
    ['NO deployment without quality gate approval', 'gate-before-deploy', null],
    ['NO schema changes without backup', 'backup-before-schema-change', null],
    ['NO agent works on P0 task for >15 min (escalate to human)', 'p0-to-person', 15 * MINUTE],
    ['NO cross-agent cyclic dependencies (deadlock prevention)', 'no-cycles', null],
    ['Never deploy without a gate', 'gate-before-deploy', null],
    ['No migration without a backup', 'backup-before-schema-change', null],
    ['Agents don’t deploy without approval', 'gate-before-deploy', null],
    ['Escalate P0 work that takes longer than 20 minutes', 'p0-to-person', 20 * MINUTE],
    ['No agent works on a P0 task for more than 1 hour', 'p0-to-person', 60 * MINUTE],
  ])('%s', (sentence, name, afterMs) => {
    expect(parseRule(sentence)).toEqual({ name, sentence, afterMs })
  })

  it('are none of ours', () => {
    expect(parseRule('Be nice')).toBeUndefined()
    expect(parseRule('NO agent works on P0 task for >15 parsecs')).toBeUndefined()
    // What allows something forbids nothing.
    expect(parseRule('Two agents may modify the same file')).toBeUndefined()
    expect(parseRule('Deploy without a gate on Fridays')).toBeUndefined()
    expect(parseRule('Deadlocks are fun')).toBeUndefined()
  })

  it('of the framework are all known', () => {
    expect(KNOWN_SENTENCES.map((one) => parseRule(one)?.sentence)).toEqual(KNOWN_SENTENCES)
  })

  it('hold unwritten where no project can do without', () => {
    expect(ruleOf({}, 'one-writer')?.sentence).toBe('NO two agents modify same file simultaneously')
    expect(ruleOf({}, 'gate-before-deploy')).toBeUndefined()
  })
})

function ruled(plan: Plan, ...sentences: string[]): Plan {
  return { ...plan, rules: sentences.map((sentence) => parseRule(sentence)!) }
}
const GATE = 'NO deployment without quality gate approval'
const BACKUP = 'NO schema changes without backup'
const kind = (of: TaskOptions['kind']): TaskOptions => (of === undefined ? {} : { kind: of })

describe('NO schema changes without backup', () => {
  const epic = (needs: string): Plan =>
    ruled(
      tasks(['save', `change: ${needs}`, 'again: change'], {
        with: { save: kind('backup'), change: kind('migrate') },
      }),
      BACKUP,
    )

  it('refuses a plan that can never keep it', () => {
    expect(checkPlan(epic('save'))).toBeUndefined()
    expect(checkPlan(epic(''))).toBe(
      'task change is of kind migrate and needs no task of kind backup (rule: NO schema changes without backup)',
    )
  })

  it('holds a change whose backup was skipped', () => {
    const driver = Driver.running(epic('save'))
    start(driver, 'save')
    driver.must({ type: 'agent.stop', run: RUN, task: 'save', force: true })
    driver.must({ type: 'report.exited', ...at(driver, 'save'), ...EXIT })
    expect(skip(driver, 'save')).toBeUndefined()
    expect(driver.task('change')).toMatchObject({
      state: 'FAILED',
      attempts: 0,
      cause:
        'change changes the schema, and no backup was made since the last change (rule: NO schema changes without backup)',
    })
  })

  it('wants a new backup for each change', () => {
    const twice = ruled(
      plan([['save'], ['one: save'], ['two: one']], {
        with: { save: kind('backup'), one: kind('migrate'), two: kind('migrate') },
      }),
      BACKUP,
    )
    const driver = Driver.running(twice)
    finish(driver, 'save')
    driver.advance(1_000)
    finish(driver, 'one')
    expect(driver.task('two')).toMatchObject({ state: 'FAILED', attempts: 0 })
    expect(driver.attention()).toEqual(['two#0:task-failed'])
  })
})

describe('what counts as a change, and as its backup', () => {
  const two = (more: Record<string, TaskOptions> = {}): Plan =>
    ruled(
      plan([['save'], ['one: save'], ['two: one']], {
        with: { save: kind('backup'), one: kind('migrate'), two: kind('migrate'), ...more },
      }),
      BACKUP,
    )
  const held = {
    state: 'FAILED',
    cause: expect.stringContaining('no backup was made since the last change (rule: NO schema'),
  }

  it('is one that failed half-way and was skipped', () => {
    const driver = Driver.running(two())
    finish(driver, 'save')
    driver.advance(1_000)
    start(driver, 'one')
    driver.must({ type: 'report.exited', ...at(driver, 'one'), ...EXIT, code: 1 })
    driver.advance(1_000)
    expect(skip(driver, 'one')).toBeUndefined()
    expect(driver.task('two')).toMatchObject(held)
  })

  it('is one that is done over again', () => {
    const driver = Driver.running(
      ruled(
        plan([['save'], ['one: save']], { with: { save: kind('backup'), one: kind('migrate') } }),
        BACKUP,
      ),
    )
    finish(driver, 'save')
    driver.advance(1_000)
    finish(driver, 'one')
    driver.must({ type: 'task.rerun', run: RUN, task: 'one' })
    expect(driver.task('one')).toMatchObject(held)
  })

  it('is what the engine does itself, whatever its kind says', () => {
    const action = { do: 'migrate', run: 'true' } as const
    const hidden = ruled(
      tasks(['change'], { with: { change: { kind: 'work', target: 'shop', action } } }),
      BACKUP,
    )
    expect(checkPlan(hidden)).toMatch(/^task change is of kind migrate and needs no task of kind backup/)
    const deploy = { do: 'deploy', from: { image: 'a' }, version: '' } as const
    const ship = ruled(
      tasks(['ship'], { with: { ship: { kind: 'check', target: 'shop', action: deploy } } }),
      GATE,
    )
    expect(checkPlan(ship)).toMatch(/^task ship is of kind deploy and needs no task of kind check/)
  })

  it('is none of another target', () => {
    const epic = (target: string): Plan =>
      ruled(
        tasks(['save', 'change: save'], {
          with: { save: { kind: 'backup', target }, change: { kind: 'migrate', target: 'shop' } },
        }),
        BACKUP,
      )
    expect(checkPlan(epic('shop'))).toBeUndefined()
    expect(checkPlan(epic('staging'))).toMatch(
      /^task change is of kind migrate and needs no task of kind backup/,
    )
  })
})

const EXIT = {
  handle: 'h',
  code: 137,
  oomKilled: false,
  error: null,
  lagMs: 0,
  outputs: {},
  outputsError: null,
} as const

test('NO deployment without quality gate approval', () => {
  const epic = (needs: string): Plan =>
    ruled(tasks(['scan', `ship: ${needs}`], { with: { scan: kind('check'), ship: kind('deploy') } }), GATE)
  expect(checkPlan(epic(''))).toMatch(
    /^task ship is of kind deploy and needs no task of kind check, and no gate stands before it \(rule: NO/,
  )
  const driver = Driver.running(epic('scan'))
  finish(driver, 'scan')
  expect(driver.attempt('ship').state).toBe('WAITING')
})

test('NO agent works on P0 task for >15 min (escalate to human)', () => {
  const driver = Driver.running(
    ruled(
      tasks(['a'], { with: { a: { priority: 0, timeoutMs: 60 * MINUTE } } }),
      'No agent works on P0 task for more than 15 minutes',
    ),
  )
  start(driver, 'a')
  driver.advance(15 * MINUTE)
  expect(driver.run().attention).toMatchObject([
    {
      kind: 'p0-over-time',
      text: expect.stringMatching(/\(rule: No agent works on P0 task for more than 15 minutes\)$/),
    },
  ])
})

describe('what agents ask for', () => {
  const file = (on: string): Lock => ({ kind: 'files', on, mode: 'exclusive' })
  const both = (): Driver => {
    const driver = Driver.running(
      tasks(['a', 'b'], {
        all: { workspace: 'none' },
        with: { a: { uses: [file('a.ts')] }, b: { uses: [file('b.ts')] } },
      }),
    )
    start(driver, 'a', 'b')
    return driver
  }

  test('NO two agents modify same file simultaneously', () => {
    const driver = both()
    const asked = { type: 'agent.lock', ...at(driver, 'a'), locks: [file('b.ts')], wait: false }
    expect(driver.send(asked as Command)).toEqual({
      rejected: 'not-now',
      reason: 'b holds b.ts (rule: NO two agents modify same file simultaneously)',
    })
  })

  test('NO cross-agent cyclic dependencies (deadlock prevention)', () => {
    const driver = both()
    driver.must({ type: 'agent.lock', ...at(driver, 'a'), locks: [file('b.ts')], wait: true })
    const asked = { type: 'agent.lock' as const, ...at(driver, 'b'), locks: [file('a.ts')] }
    const reason = expect.stringMatching(/never end: .*\(rule: NO cross-agent cyclic dependencies/)
    expect(driver.send({ ...asked, wait: false })).toMatchObject({ reason })
    driver.must({ ...asked, wait: true })
    expect(driver.answer).toEqual({ refused: reason })
    const loop = tasks(['a: b', 'b: a'])
    expect(checkPlan(loop)).toMatch(/in a loop: .* \(rule: NO cross-agent cyclic/)
  })
})
