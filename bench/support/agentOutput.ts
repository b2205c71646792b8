/** Lines as a build makes them: colours, times, paths. `bytes` long, ending anywhere; the same everywhere. */
export function agentOutput(bytes: number): Uint8Array {
  let text = ''
  for (let n = 0; text.length < bytes; n++) {
    const ms = (n * 7919) % 997
    text += `\u001b[32mok\u001b[0m ${String(n).padStart(7)} src/api/orders.test.ts \u001b[2m(${ms} ms)\u001b[0m stored the record and read it back\r\n`
  }
  return new TextEncoder().encode(text.slice(0, bytes))
}
