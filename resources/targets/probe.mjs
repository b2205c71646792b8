// Asks a page until it answers 200 to 299, or for so long: node probe.mjs <url> <every ms> <timeout ms> <within ms>.
// Runs in the container of the proxy, which is on the network of the service. The last line says how it went.
const [url, every, timeout, within] = process.argv.slice(2)
const until = Date.now() + Number(within)
let last = 'it was not asked'
for (;;) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(Number(timeout)), redirect: 'manual' })
    await answer.body?.cancel()
    last = `it answers ${answer.status}`
    if (answer.ok) {
      console.log(last)
      process.exit(0)
    }
  } catch (error) {
    const cause = error.cause?.code ?? error.name
    last =
      cause === 'TimeoutError' ? `it does not answer within ${timeout} ms` : `it does not answer (${cause})`
  }
  if (Date.now() + Number(every) > until) break
  await new Promise((resolve) => setTimeout(resolve, Number(every)))
}
console.log(last)
process.exit(1)
