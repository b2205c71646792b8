import * as fc from 'fast-check'

/** Multiplies the runs of every property, for the long forms. */
const factor = Number(process.env['AMPHITHEATRE_PROPERTY_FACTOR'] ?? 1)

/** Checks a property that is not asynchronous. A failure prints the seed, the path and the smallest counterexample. */
export function check<T>(numRuns: number, property: fc.IProperty<T>): void {
  void fc.assert(property, { numRuns: numRuns * factor })
}
