const frozen = new WeakSet<object>()

/** Freezes everything reachable, maps included; what was frozen before is not walked again. */
export function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || frozen.has(value)) return
  frozen.add(value)
  if (value instanceof Map) {
    for (const item of value.values()) deepFreeze(item)
    const refuse = (): never => {
      throw new TypeError('this map belongs to an earlier state')
    }
    Object.assign(value, { set: refuse, delete: refuse, clear: refuse })
    return
  }
  if (Symbol.iterator in value && !Array.isArray(value))
    for (const item of value as Iterable<unknown>) deepFreeze(item)
  for (const item of Object.values(value)) deepFreeze(item)
  Object.freeze(value)
}
