import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import { agentOutput } from '../support/agentOutput.ts'

/** Resolves with the ms that xterm, given 1 MB at a time, takes for `megabytes` of an agent's output. */
window.feed = async (megabytes) => {
  const element = document.getElementById('screen')
  element.replaceChildren()
  const terminal = new Terminal({ scrollback: 10_000 })
  const fit = new FitAddon()
  terminal.loadAddon(fit)
  terminal.open(element)
  fit.fit()
  const piece = agentOutput(1_000_000)
  const began = performance.now()
  for (let n = 0; n < megabytes; n++) await new Promise((resolve) => terminal.write(piece, resolve))
  const ms = performance.now() - began
  terminal.dispose()
  return ms
}
