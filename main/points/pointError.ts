/**
 * Thrown where a point cannot be made, read or put back, for a reason outside. `message` is a sentence; `remedy` what a
 * person can do. `passing`: the same may work when it is tried again.
 */
export class PointError extends Error {
  readonly remedy: string
  readonly passing: boolean
  constructor(message: string, remedy: string, options: ErrorOptions & { readonly passing?: boolean } = {}) {
    super(message, options)
    this.name = 'PointError'
    this.remedy = remedy
    this.passing = options.passing ?? false
  }
}
