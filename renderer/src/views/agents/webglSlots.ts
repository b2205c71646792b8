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
    const canvas = document.createElement('canvas')
    const context = canvas.getContext('webgl2', { failIfMajorPerformanceCaveat: true })
    if (context === null) return false
    const info = context.getExtension('WEBGL_debug_renderer_info')
    const name = info === null ? '' : String(context.getParameter(info.UNMASKED_RENDERER_WEBGL))
    context.getExtension('WEBGL_lose_context')?.loseContext()
    return !/swiftshader|llvmpipe|software|basic render/i.test(name)
  } catch {
    return false
  }
}
