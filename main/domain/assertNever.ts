/** Ends every exhaustive switch: a new union member fails to compile here, and throws if it ever arrives. */
export function assertNever(value: never, message: string): never {
  throw new Error(`${message}: ${JSON.stringify(value)}`)
}
