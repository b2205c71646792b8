import '../../../preload/jitless.ts'
import { createRoot } from 'react-dom/client'
import { App } from '../App.tsx'
import '../styles/base.css'
import { PageEngine } from './pageEngine.ts'
import { SCENARIOS } from './scenarios.ts'
import { Severable } from './severable.ts'

/**
 * The control center on an engine inside the page: `testing.html?scenario=ship&speed=2&skip=20000&seed=1`. The engine
 * is lost by `bridge.sever()` and found again by `bridge.join()`.
 */
const query = new URLSearchParams(window.location.search)
const scenario = SCENARIOS[query.get('scenario') ?? 'ship'] ?? SCENARIOS['ship']!
const engine = new PageEngine(scenario(), {
  seed: Number(query.get('seed') ?? 1),
  speed: Number(query.get('speed') ?? 1),
})
engine.skip(Number(query.get('skip') ?? 0))
const bridge = new Severable(engine)
Object.assign(window, { engine, bridge })

createRoot(document.getElementById('root')!).render(<App bridge={bridge} />)
