import type { Plan } from '../plan.ts'
import { anyClash, checkConflicts, settleAll } from './clashes.ts'
import { Driver, type Observer } from './driver.ts'
import { Person } from './person.ts'
import { anyRequest } from './talker.ts'
import { MUCH_TROUBLE, type Odds, randomFrom, World } from './world.ts'

export interface HistoryOptions {
  readonly observers?: readonly Observer[]
  readonly odds?: Odds
  /** Steps with a person about, who acts in one of `every`. */
  readonly steps?: number
  readonly every?: number
  /** Agents at work, and the person, talk in one of so many steps; default: nobody does. */
  readonly talking?: number
  /** Conflicts are seen and settled in one of so many steps; default 12. */
  readonly clashing?: number
  /** Called before every step. */
  readonly between?: (driver: Driver, step: number) => void
}

/** A random history: a person meddles for some steps, then the world goes on until nothing is left to happen. */
export function playHistory(plan: Plan, seed: number, options: HistoryOptions = {}): Driver {
  const { observers = [], odds = MUCH_TROUBLE, steps = 120, every = 4 } = options
  const random = randomFrom(seed)
  const driver = Driver.running(plan, observers)
  const person = new Person(driver, random, options.talking !== undefined)
  const world = new World(driver, random, odds)
  for (let step = 0; step < steps; step++) {
    options.between?.(driver, step)
    checkConflicts(driver.state)
    if (random() * (options.clashing ?? 12) < 1) clash(driver, random)
    if (options.talking !== undefined && random() * options.talking < 1) speak(driver, random, step)
    else if (random() * every < 1) person.act()
    else world.step()
  }
  // Who stands still for a conflict cannot be let go on by a person: twice, then.
  for (let time = 0; time < 2; time++) {
    settleAll(driver)
    person.unpause()
    world.settle()
  }
  checkConflicts(driver.state)
  return driver
}

function clash(driver: Driver, random: () => number): void {
  const command = anyClash(driver, random)
  if (command !== undefined) driver.send(command)
}

/** One of the agents at work says something through its door. */
function speak(driver: Driver, random: () => number, step: number): void {
  const run = driver.run()
  const atWork = run.plan.tasks.flatMap((_, task) => (run.tasks.get(task)!.current === null ? [] : [task]))
  const task = atWork[Math.floor(random() * atWork.length)]
  if (task === undefined) return
  const attempt = run.tasks.get(task)!.current!.n
  driver.send({ ...anyRequest(run, task, random, `r${step}`), run: run.id, task, attempt })
}
