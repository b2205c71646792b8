import type { Plan } from '../plan.ts'
import { Driver, type Observer } from './driver.ts'
import { Person } from './person.ts'
import { MUCH_TROUBLE, type Odds, randomFrom, World } from './world.ts'

export interface HistoryOptions {
  readonly observers?: readonly Observer[]
  readonly odds?: Odds
  /** Steps with a person about, who acts in one of `every`. */
  readonly steps?: number
  readonly every?: number
  /** Called before every step. */
  readonly between?: (driver: Driver, step: number) => void
}

/** A random history: a person meddles for some steps, then the world goes on until nothing is left to happen. */
export function playHistory(plan: Plan, seed: number, options: HistoryOptions = {}): Driver {
  const { observers = [], odds = MUCH_TROUBLE, steps = 120, every = 4 } = options
  const random = randomFrom(seed)
  const driver = Driver.running(plan, observers)
  const person = new Person(driver, random)
  const world = new World(driver, random, odds)
  for (let step = 0; step < steps; step++) {
    options.between?.(driver, step)
    if (random() * every < 1) person.act()
    else world.step()
  }
  person.unpause()
  world.settle()
  return driver
}
