/**
 * What a benchmark measures from inside a page; put there before anything of the page runs. `window.bench` has no
 * types: it is called by text.
 */
const gapsBetweenFrames = (ms, each) =>
  new Promise((resolve) => {
    const gaps = []
    const began = performance.now()
    let last
    const frame = (now) => {
      if (last !== undefined) gaps.push(now - last)
      last = now
      each(gaps.length)
      if (performance.now() - began < ms) requestAnimationFrame(frame)
      else resolve(gaps)
    }
    requestAnimationFrame(frame)
  })

/** Shakes what is under the selector by the wheel, one step a frame, so that each frame has a new picture to draw. */
const shaken = (selector, ms) => {
  const target = document.querySelector(selector)
  const box = target.getBoundingClientRect()
  const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 }
  return gapsBetweenFrames(ms, (n) => {
    const way = Math.floor(n / 30) % 2 === 0 ? 1 : -1
    const init = { ...at, deltaX: 12 * way, deltaY: 5 * way, bubbles: true, cancelable: true }
    target.dispatchEvent(new WheelEvent('wheel', init))
  })
}

/** Time on the machine's clock, the same for every process, ms. */
const wallNow = () => performance.timeOrigin + performance.now()

/**
 * Notes whenever a seat changes its looks: `[task, mark, at]`, `at` being the start of the frame after the one it was
 * drawn in, on the machine's clock, ms.
 */
const watchSeats = () => {
  const seen = []
  for (const seat of document.querySelectorAll('[data-seat]')) {
    const task = Number(/^t(\d+),/.exec(seat.getAttribute('aria-label'))[1])
    new MutationObserver(() => {
      const mark = seat.getAttribute('data-mark')
      requestAnimationFrame(() => seen.push([task, mark, wallNow()]))
    }).observe(seat, { attributes: true, attributeFilter: ['data-mark'] })
  }
  return seen
}

/**
 * What of output is under way to this page: `received` and `acknowledged` in bytes, the most there was between the
 * two, and when the last byte was acknowledged. Counts from the page's beginning, whether the page holds its WebSocket
 * itself or a worker does.
 */
const output = { received: 0, acknowledged: 0, mostInFlight: 0, at: 0 }
const outputStreams = new Set()
const OUTPUT_HEADER = 12
const receives = (data) => {
  if (!(data instanceof ArrayBuffer)) return
  outputStreams.add(new DataView(data).getUint32(0))
  output.received += data.byteLength - OUTPUT_HEADER
  output.mostInFlight = Math.max(output.mostInFlight, output.received - output.acknowledged)
}
const sends = (text) => {
  const { name, args } = JSON.parse(text)
  if (name !== 'ack' || !outputStreams.has(args.stream)) return
  output.acknowledged += args.weight
  output.at = wallNow()
}
const PlainSocket = window.WebSocket
window.WebSocket = class extends PlainSocket {
  constructor(...args) {
    super(...args)
    this.addEventListener('message', ({ data }) => receives(data))
  }
  send(text) {
    sends(text)
    super.send(text)
  }
}
const PlainWorker = window.Worker
window.Worker = class extends PlainWorker {
  constructor(...args) {
    super(...args)
    this.addEventListener('message', ({ data }) => receives(data?.data))
  }
  postMessage(message, ...more) {
    if (message?.do === 'send') sends(message.text)
    super.postMessage(message, ...more)
  }
}
const acknowledged = async (bytes) => {
  while (output.acknowledged < bytes) await new Promise((resolve) => setTimeout(resolve, 10))
  return output
}

/** Resolves with the time, ms since navigation, of the frame after the one in which `selector` was first there. */
const firstDrawn = (selector) =>
  new Promise((resolve) => {
    const look = () => {
      if (document.querySelector(selector) === null) requestAnimationFrame(look)
      else requestAnimationFrame(() => resolve(performance.now()))
    }
    look()
  })

window.bench = {
  still: (ms) => gapsBetweenFrames(ms, () => undefined),
  shaken,
  watchSeats,
  firstDrawn,
  acknowledged,
  output,
}
