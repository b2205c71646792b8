import type { Failure } from '../../../preload/contract.ts'

/** A request the program did not carry out; what it says is for people. */
export class RequestError extends Error {
  readonly kind: string | undefined
  readonly remedy: string | undefined
  constructor(failure: Failure) {
    super(failure.message)
    this.name = failure.name
    this.kind = failure.kind
    this.remedy = failure.remedy
  }
}
