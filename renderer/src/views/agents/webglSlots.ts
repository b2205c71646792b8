/** Browsers drop the oldest of more than sixteen drawing contexts; ours stay well below, the rest draw without one. */
const MOST = 8

let taken = 0
let able: boolean | undefined

/** A place for one drawing context; undefined when there is none to be had. Give it back once. */
export function takeWebglSlot(): (() => void) | undefined {
  able ??= drawsByHardware()
  if (!able || taken >= MOST) return undefined
  taken += 1
  let given = false
  return () => {
    if (!given) taken -= 1
    given = true
  }
}

/** Where WebGL is painted by the processor, plain elements are quicker. */
function drawsByHardware(): boolean {
  try {
    const context = document
      .createElement('canvas')
      .getContext('webgl2', { failIfMajorPerformanceCaveat: true })
    context?.getExtension('WEBGL_lose_context')?.loseContext()
    return context !== null
  } catch {
    return false
  }
}
