import '../../preload/jitless.ts'
import '../../renderer/src/styles/base.css'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from '../../renderer/src/App.tsx'
import { preferences } from '../../renderer/src/state/preferences.ts'
import { PageEngine } from '../../renderer/src/testing/pageEngine.ts'
import { SCENARIOS } from '../../renderer/src/testing/scenarios.ts'

/**
 * The control center on a run that was played before: `replay.html?scenario=thousand&changes=50&skip=2000`. No engine
 * works in the page while it is measured, and a small and a large run bring as many changes a second.
 */
const query = new URLSearchParams(window.location.search)
const skip = Number(query.get('skip') ?? 2_000)
/** Changes of a task's or an agent's state a second; 0 leaves everything as it is. */
const changes = Number(query.get('changes') ?? 50)
const VISIBLE = new Set(['task.assigned', 'agent.started', 'agent.exited', 'task.completed', 'task.failed'])
/** As a host's messages come: many a second, few events each. */
const EVERY_MS = 20

function play() {
  const { setInterval } = window
  // Its own clock would go on playing.
  window.setInterval = () => 0
  const engine = new PageEngine(SCENARIOS[query.get('scenario') ?? 'thousand'](), { speed: 0 })
  window.setInterval = setInterval
  engine.skip(skip)
  return engine
}

class Recorded {
  counts = { events: 0, changes: 0 }
  #engine
  #listeners = new Map()
  #snapshot
  #from
  #events
  #stream
  #timer

  constructor(engine, snapshot) {
    this.#engine = engine
    this.#snapshot = snapshot
    this.#from = engine.driver.log.length
    engine.skip(30_000)
    this.#events = engine.driver.log.slice(this.#from)
  }

  on(name, listener) {
    if (name !== 'events') return this.#engine.on(name, listener)
    this.#listeners.set(listener, listener)
    return () => this.#listeners.delete(listener)
  }

  async request(name, args) {
    if (name === 'snapshot') return this.#snapshot
    if (name === 'follow') return this.#follow(args.stream)
    if (name === 'close' && args.stream === this.#stream) clearInterval(this.#timer)
    if (name === 'close' || name === 'ack') return null
    if (name === 'history') return this.#engine.driver.log.slice(args.after, this.#from).slice(0, args.limit)
    return this.#engine.request(name, args)
  }

  #follow(stream) {
    const began = performance.now()
    this.#stream = stream
    this.#timer = setInterval(() => {
      const due = ((performance.now() - began) / 1_000) * changes
      const events = []
      while (this.counts.changes < due && this.counts.events < this.#events.length) {
        const event = this.#events[this.counts.events++]
        if (VISIBLE.has(event.type)) this.counts.changes += 1
        // As if it happened now, on the clock of the state.
        events.push({ ...event, time: Date.now() + skip })
      }
      if (events.length > 0) for (const listener of this.#listeners.values()) listener({ stream, events })
    }, EVERY_MS)
    return null
  }
}

preferences.setState({ dock: Number(query.get('dock') ?? 300) })
const engine = play()
const bridge = new Recorded(engine, await engine.request('snapshot', {}))
window.recorded = bridge
createRoot(document.getElementById('root')).render(createElement(App, { bridge }))
