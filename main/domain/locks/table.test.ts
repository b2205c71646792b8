import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { check } from '../testing/check.ts'
import { ask, waitGraph } from './asking.ts'
import {
  withGrant as granted,
  type LockTable,
  NO_LOCKS,
  type Request,
  withWaiter as waiting,
  withoutLocks,
} from './changes.ts'
import { circleFrom } from './circle.ts'
import type { Lock } from './lock.ts'
import { setsConflict } from './meet.ts'
import { MOST_OVERTAKEN, placing, servable } from './table.ts'

const withWaiter = (table: LockTable, one: Request): LockTable => waiting(table, one, placing(table, one))
function withGrant(table: LockTable, one: Request): LockTable {
  const waits = table.waiters.some(({ holder }) => holder === one.holder)
  return granted(table, one, waits ? [] : placing(table, one).overtakes, 0)
}

const files = (on: string, mode: Lock['mode'] = 'exclusive'): Lock => ({ kind: 'files', on, mode })
const resource = (on: string, fifo = false): Lock => ({ kind: 'resource', on, mode: 'exclusive', fifo })

function request(holder: string, locks: readonly Lock[], more: Partial<Request> = {}): Request {
  return { holder, locks, priority: 3, since: 0, begun: false, ...more }
}

/** Asks, and takes what comes of it. */
function asked(table: LockTable, one: Request): LockTable {
  const { type } = ask(table, one)
  if (type === 'free') return withGrant(table, one)
  return type === 'waits' ? withWaiter(table, one) : table
}

describe('a lock table', () => {
  it('gives a set as a whole, or not at all', () => {
    const table = asked(NO_LOCKS, request('a', [files('src/api/**')]))
    const both = asked(table, request('b', [files('docs/*'), files('src/**/*.ts')]))
    expect(both.grants.map(({ holder }) => holder)).toEqual(['a'])
    expect(servable(both)).toEqual([])
    expect(servable(withoutLocks(both, 'a')).map(({ holder }) => holder)).toEqual(['b'])
  })

  it('lets readers go together, and no reader pass a writer that waits', () => {
    let table = asked(NO_LOCKS, request('r1', [files('a', 'shared')]))
    table = asked(table, request('r2', [files('a', 'shared')]))
    table = asked(table, request('w', [files('a')]))
    table = asked(table, request('r3', [files('a', 'shared')]))
    expect(table.grants.map(({ holder }) => holder)).toEqual(['r1', 'r2'])
    expect(table.waiters.map(({ holder }) => holder)).toEqual(['w', 'r3'])
  })

  it('serves the more urgent first, but where the queue is FIFO', () => {
    const waiting = (fifo: boolean): readonly string[] => {
      const lock = resource('database_schema', fifo)
      let table = asked(NO_LOCKS, request('a', [lock]))
      table = asked(table, request('late', [lock], { priority: 4 }))
      return asked(table, request('urgent', [lock], { priority: 1 })).waiters.map(({ holder }) => holder)
    }
    expect(waiting(false)).toEqual(['urgent', 'late'])
    expect(waiting(true)).toEqual(['late', 'urgent'])
  })

  it('refuses a wait that would close a circle, and names it', () => {
    let table = asked(NO_LOCKS, request('a', [files('x')]))
    table = asked(table, request('b', [files('y')]))
    table = asked(table, request('a', [files('y')], { begun: true }))
    expect(ask(table, request('b', [files('x')], { begun: true }))).toEqual({
      type: 'circle',
      circle: ['b', 'a'],
    })
    // Also where part of it is another kind of wait.
    const answers = new Map([['c', ['a']]])
    table = asked(table, request('c', [files('z')]))
    expect(ask(table, request('b', [files('z')], { begun: true }), answers)).toEqual({
      type: 'circle',
      circle: ['b', 'c', 'a'],
    })
  })

  it('gives a higher token with every grant, also to who had one', () => {
    const first = withGrant(NO_LOCKS, request('a', [files('a')]))
    const more = withGrant(first, request('a', [files('b')], { begun: true }))
    const again = withGrant(withoutLocks(more, 'a'), request('a', [files('a')]))
    expect([first, more, again].map(({ grants }) => grants[0]!.token)).toEqual([1, 2, 3])
  })
})

/** Small enough that everything a glob can match here can be listed. */
const PATHS = ['a', 'b', 's/a', 's/b', 's/t/a', 's/t/b']
const GLOBS: Readonly<Record<string, readonly string[]>> = {
  '**': PATHS,
  a: ['a'],
  '*': ['a', 'b'],
  's/*': ['s/a', 's/b'],
  's/**': ['s/a', 's/b', 's/t/a', 's/t/b'],
  '**/a': ['a', 's/a', 's/t/a'],
  's/t/{a,b}': ['s/t/a', 's/t/b'],
  's/?': ['s/a', 's/b'],
}

const lock: fc.Arbitrary<Lock> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('files' as const),
      on: fc.constantFrom(...Object.keys(GLOBS)),
      mode: fc.constantFrom('exclusive' as const, 'shared' as const),
    }),
  },
  fc.constantFrom(resource('db', true), resource('port:1')),
)
const locks = fc.uniqueArray(lock, { minLength: 1, maxLength: 3, selector: ({ on }) => on })

type Step =
  | {
      readonly type: 'declare' | 'ask'
      readonly who: number
      readonly locks: readonly Lock[]
      readonly priority: number
    }
  | { readonly type: 'serve' | 'end' | 'give-back'; readonly who: number }
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constantFrom('declare' as const, 'ask' as const, 'ask' as const),
    who: fc.nat(7),
    locks,
    priority: fc.nat(5),
  }),
  fc.record({
    type: fc.constantFrom('serve' as const, 'end' as const, 'give-back' as const),
    who: fc.nat(7),
  }),
)

/**
 * The reference: every path and resource by its name, with who is on it; every queue as pairs of who goes before whom.
 * Asks nothing of globs, tables or places.
 */
class Reference {
  readonly held = new Map<string, { things: readonly string[]; exclusive: boolean }[]>()

  static things({ kind, on }: Lock): readonly string[] {
    return kind === 'files' ? GLOBS[on]! : [`#${on}`]
  }

  isFree(who: string, wanted: readonly Lock[]): boolean {
    return wanted.every((lock) =>
      [...this.held].every(
        ([other, all]) =>
          other === who ||
          all.every(
            ({ things, exclusive }) =>
              (!exclusive && lock.mode === 'shared') ||
              !Reference.things(lock).some((thing) => things.includes(thing)),
          ),
      ),
    )
  }

  take(who: string, wanted: readonly Lock[]): void {
    const more = wanted.map((lock) => ({
      things: Reference.things(lock),
      exclusive: lock.mode === 'exclusive',
    }))
    this.held.set(who, [...(this.held.get(who) ?? []), ...more])
  }

  /** For each exclusive holder nobody else is on the same thing. */
  breach(): string | undefined {
    for (const [who, all] of this.held)
      for (const { things, exclusive } of all)
        for (const [other, theirs] of this.held)
          if (other !== who && exclusive)
            for (const their of theirs)
              for (const thing of things)
                if (their.things.includes(thing)) return `${who} and ${other} on ${thing}`
    return undefined
  }
}

class History {
  table: LockTable = NO_LOCKS
  readonly reference = new Reference()
  lastToken = 0

  isHolding(who: string): boolean {
    return this.table.grants.some(({ holder }) => holder === who)
  }

  isWaiting(who: string): boolean {
    return this.table.waiters.some(({ holder }) => holder === who)
  }

  grant(one: Request): void {
    expect(this.reference.isFree(one.holder, one.locks)).toBe(true)
    this.table = withGrant(this.table, one)
    this.reference.take(one.holder, one.locks)
    expect(this.table.lastToken).toBeGreaterThan(this.lastToken)
    this.lastToken = this.table.lastToken
    expect(this.reference.breach()).toBeUndefined()
  }

  run(one: Step): void {
    const who = `h${one.who}`
    switch (one.type) {
      case 'declare':
      case 'ask': {
        const begun = one.type === 'ask'
        // Who waits asks for nothing; who holds nothing has not begun.
        if (this.isWaiting(who) || begun !== this.isHolding(who)) return
        const wanted = request(who, one.locks, { begun, priority: one.priority })
        const answer = ask(this.table, wanted)
        if (answer.type === 'free') this.grant(wanted)
        else if (answer.type === 'waits') this.table = withWaiter(this.table, wanted)
        else if (answer.type === 'unfair') expect(answer.waiter.overtaken).toBe(MOST_OVERTAKEN)
        else for (const name of answer.circle) expect(this.isHolding(name) || this.isWaiting(name)).toBe(true)
        return
      }
      case 'serve': {
        const [first] = servable(this.table)
        if (first !== undefined) this.grant(first)
        return
      }
      case 'end':
        this.end(who)
        return
      case 'give-back': {
        const held = this.table.grants.find(({ holder }) => holder === who)
        if (held === undefined) return
        this.table = withoutLocks(this.table, who, held.locks.slice(0, 1))
        this.reference.held.delete(who)
        const left = this.table.grants.find(({ holder }) => holder === who)
        if (left !== undefined) this.reference.take(who, left.locks)
        return
      }
    }
  }

  end(who: string): void {
    this.table = withoutLocks(this.table, who)
    this.reference.held.delete(who)
    expect(this.isHolding(who) || this.isWaiting(who)).toBe(false)
  }

  /** Everybody who is served ends in time: then everybody is served. */
  drain(): void {
    for (let rounds = 0; this.table.waiters.length > 0; rounds++) {
      expect(rounds).toBeLessThan(100)
      const before = this.table
      for (let next = servable(this.table)[0]; next !== undefined; next = servable(this.table)[0])
        this.grant(next)
      for (const { holder } of this.table.grants) if (!this.isWaiting(holder)) this.end(holder)
      expect(this.table).not.toBe(before)
    }
  }

  check(): void {
    const graph = waitGraph(this.table)
    for (const [who, whom] of graph) expect(circleFrom(graph, who, whom)).toBeUndefined()
    for (const { overtaken } of this.table.waiters) expect(overtaken).toBeLessThanOrEqual(MOST_OVERTAKEN)
    const { grants, folded } = this.table
    for (const [i, one] of grants.entries())
      for (const other of grants.slice(i + 1))
        expect(setsConflict(one.locks, other.locks, folded)).toBe(false)
  }
}

it('keeps its promises through any history, and everybody is served in the end', () => {
  check(
    10_000,
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      const history = new History()
      for (const one of steps) {
        history.run(one)
        history.check()
      }
      history.drain()
    }),
  )
})

it('lets nobody be overtaken for ever', () => {
  // One that waits for all, and a stream of small ones that are more urgent.
  const all = request('all', [files('**')], { priority: 5 })
  let table = asked(asked(NO_LOCKS, request('first', [files('a')])), all)
  let served = 0
  for (let i = 0; !table.grants.some(({ holder }) => holder === 'all'); i++) {
    expect(i).toBeLessThan(10 * MOST_OVERTAKEN)
    table = asked(table, request(`small-${i}`, [files('b')], { priority: 0 }))
    const [holder] = table.grants.map((grant) => grant.holder).filter((name) => name !== 'all')
    table = withoutLocks(table, holder!)
    for (const next of servable(table)) if (ask(table, next).type === 'free') table = withGrant(table, next)
    served++
  }
  expect(served).toBeGreaterThan(0)
})
