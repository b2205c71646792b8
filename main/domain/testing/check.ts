import * as fc from 'fast-check'

/** Checks a property that is not asynchronous. A failure prints the seed, the path and the smallest counterexample. */
export function check<T>(numRuns: number, property: fc.IProperty<T>): void {
  void fc.assert(property, { numRuns })
}
