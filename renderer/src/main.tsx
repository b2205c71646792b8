import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { z } from 'zod'
import type { AmphitheatreBridge } from '../../preload/contract.ts'
import { followState } from './liveState.ts'
import { Runs } from './Runs.tsx'
import './look.css'

// Compiled schemas would need eval, which the page's policy forbids.
z.config({ jitless: true })

declare global {
  interface Window {
    readonly amphitheatre: AmphitheatreBridge
  }
}

const live = followState(window.amphitheatre)
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Runs live={live} />
  </StrictMode>,
)
