import { faultsFound } from './oracle.ts'
import { Simulation, type SimulationOptions } from './simulation.ts'

/** Plays a simulation and throws with its seed, what is wrong, and the end of the log. */
export async function checkSimulation(options: SimulationOptions): Promise<Simulation> {
  const simulation = new Simulation(options)
  let faults: readonly string[]
  try {
    await simulation.run()
    faults = faultsFound(simulation)
  } catch (error) {
    faults = [(error as Error).stack ?? String(error)]
  }
  if (faults.length === 0) return simulation
  const log = simulation.world.disk.events
    .slice(-40)
    .map((event) => `${event.seq} ${event.time} ${JSON.stringify(event.data).slice(0, 200)}`)
  throw new Error([`seed ${options.seed}: ${faults.join('; ')}`, ...log].join('\n'))
}

/** How many seeds a test plays: the short form, or with AMPHITHEATRE_SOAK the long one. */
export function seeds(short: number, long: number): readonly number[] {
  const one = process.env.AMPHITHEATRE_SEED
  if (one !== undefined) return [Number(one)]
  const count = process.env.AMPHITHEATRE_SOAK === undefined ? short : long
  return Array.from({ length: count }, (_, i) => i + 1)
}
