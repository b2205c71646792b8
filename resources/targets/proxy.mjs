// What stands before the service of a target: an HTTP proxy that knows one place at a time and is told of another
// by a file. Which place a request goes to is settled when it comes, so a connection that is kept does not hold on to
// an old one. It runs in a container of its own and needs nothing but Node.
//
// /orders/orders.json (read only): {generation, upstream: {host, port} | null, holdMs, until, idle: "host:port" | null,
//   ask}. Without an upstream requests wait for one for `holdMs`, but not beyond `until` (ms since 1970), then get 503.
//   With `holdMs` 0 they get it at once, those that wait already too.
//   `ask`: {id, host, port, path, everyMs, timeoutMs, withinMs} | null: a page to ask until it answers 200 to 299.
// /said/said.json: {generation, idle, asked}: the orders that are carried out; `idle` once nothing of that place is under
//   way; `asked`: {id, ok, over, words}, what the page answered last.
// /said/traffic.json: {since, requests, errors, ms}: what it counted since it began, told anew once a second at most.
import { Resolver } from 'node:dns'
import { readFileSync, renameSync, statSync, watch, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { connect } from 'node:net'

const ORDERS = '/orders/orders.json'
const SAID = '/said/said.json'
const TRAFFIC = '/said/traffic.json'
const TELL_MS = 1_000
const LOOK_MS = 100
/** A place has to be found, and to take the connection, within so long; what it then does takes its time. */
const REACH_MS = 10_000
const FIND_MS = 3_000
/** A page that does not answer well yet is asked again soon at first, then less and less often. */
const FIRST_PAUSE_MS = 25
const GROWTH = 1.5
const HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'proxy-connection',
]
/** How a message is cut from the next: nobody takes these away by naming them, least of all a client. */
const FRAMING = ['content-length', 'transfer-encoding', 'host']

let orders = { generation: 0, upstream: null, holdMs: 0, idle: null, ask: null }
let seen = ''
let said = ''
/** Requests and sockets under way, by place. */
const busy = new Map()
/** Those that wait for a place. */
const waiting = new Set()
/** What the page that is asked answered last. */
let asked = null
let asking = null

/** Requests that are over: all, those answered 500 and above or not at all, and how long they took together. */
const traffic = { since: Date.now(), requests: 0, errors: 0, ms: 0 }
let told = -1

const nameOf = ({ host, port }) => `${host}:${port}`

function look() {
  let mark
  try {
    const { ino, mtimeMs, size } = statSync(ORDERS)
    mark = `${ino} ${mtimeMs} ${size}`
    if (mark === seen) return
    orders = JSON.parse(readFileSync(ORDERS, 'utf8'))
  } catch {
    return
  }
  seen = mark
  if (orders.upstream !== null || !(orders.holdMs > 0)) {
    for (const take of waiting) take(orders.upstream)
    waiting.clear()
  }
  if ((orders.ask?.id ?? null) !== (asking?.id ?? null)) {
    asking = orders.ask ?? null
    asked = null
    if (asking !== null) void ask(asking)
  }
  say()
}

/** Until it answers well, the time is over, or something else is to be asked. */
async function ask(wanted) {
  const until = Date.now() + wanted.withinMs
  for (let pause = Math.min(FIRST_PAUSE_MS, wanted.everyMs); ; ) {
    const { ok, words } = await answerOf(wanted)
    if (asking !== wanted) return
    const over = ok || Date.now() + pause > until
    asked = { id: wanted.id, ok, over, words }
    say()
    if (over) return
    await new Promise((resolve) => setTimeout(resolve, pause))
    if (asking !== wanted) return
    pause = Math.min(wanted.everyMs, pause * GROWTH)
  }
}

/**
 * Names are asked for directly. The system's own way waits for servers that are not there for half a minute, for four
 * names at a time: who asks for a name that is gone would keep everybody waiting, also once there is another.
 */
const resolver = new Resolver({ timeout: FIND_MS, tries: 2 })
/** Questions under way, by name. */
const finding = new Map()

function find(host) {
  const known = finding.get(host)
  if (known !== undefined) return known
  const found = new Promise((resolve, reject) =>
    resolver.resolve4(host, (error, addresses) => (error === null ? resolve(addresses) : reject(error))),
  )
  finding.set(host, found)
  const over = () => finding.delete(host)
  found.then(over, over)
  return found
}

/** As `dns.lookup`, for requests and sockets. */
function lookup(host, { all }, answer) {
  find(host).then(
    (addresses) =>
      all
        ? answer(
            null,
            addresses.map((address) => ({ address, family: 4 })),
          )
        : answer(null, addresses[0], 4),
    (error) => answer(error),
  )
}

/** Given up where it is not connected in time. */
function reachInTime(socket) {
  const error = Object.assign(new Error('it cannot be reached'), { code: 'ETIMEDOUT' })
  const timer = setTimeout(() => socket.destroy(error), REACH_MS)
  for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(timer))
}

function answerOf({ host, port, path, timeoutMs }) {
  return new Promise((resolve) => {
    const out = request({ host, port, path, lookup, agent: false }, ({ statusCode }) => {
      resolve({ ok: statusCode >= 200 && statusCode < 300, words: `it answers ${statusCode}` })
      out.destroy()
    })
    const timer = setTimeout(() => {
      resolve({ ok: false, words: `it does not answer within ${timeoutMs} ms` })
      out.destroy()
    }, timeoutMs)
    out.on('error', (error) =>
      resolve({ ok: false, words: `it does not answer (${error.code ?? error.message})` }),
    )
    out.on('close', () => clearTimeout(timer))
    out.end()
  })
}

function say() {
  const idle = orders.idle !== null && (busy.get(orders.idle) ?? 0) === 0 ? orders.idle : null
  const text = JSON.stringify({ generation: orders.generation, idle, asked })
  if (text === said) return
  if (write(SAID, text)) said = text
}

/** False where the disk is full: requests go on all the same, and it is written as soon as there is room. */
function write(file, text) {
  try {
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
    return true
  } catch {
    return false
  }
}

function tellTraffic() {
  if (told === traffic.requests) return
  if (write(TRAFFIC, JSON.stringify({ ...traffic, ms: Math.round(traffic.ms) }))) told = traffic.requests
}

/** Counts a request with its end; what its sender gave up says nothing about who was asked. */
function count(res) {
  const begun = performance.now()
  res.on('close', () => {
    if (!res.headersSent) return
    traffic.requests++
    traffic.ms += performance.now() - begun
    if (res.statusCode >= 500) traffic.errors++
  })
}

function begin(place) {
  const name = nameOf(place)
  busy.set(name, (busy.get(name) ?? 0) + 1)
  let open = true
  return () => {
    if (!open) return
    open = false
    busy.set(name, busy.get(name) - 1)
    if (busy.get(name) === 0) busy.delete(name)
    if (orders.idle === name) say()
  }
}

/** Where to; null when there is no place within the time. */
function place(gone) {
  if (orders.upstream !== null) return Promise.resolve(orders.upstream)
  const waitMs = Math.min(orders.holdMs, (orders.until ?? Number.POSITIVE_INFINITY) - Date.now())
  if (!(waitMs > 0)) return Promise.resolve(null)
  return new Promise((resolve) => {
    const end = (found) => {
      clearTimeout(timer)
      waiting.delete(end)
      resolve(found)
    }
    const timer = setTimeout(() => end(null), waitMs)
    gone(() => end(null))
    waiting.add(end)
  })
}

function headersOf(req) {
  const headers = { ...req.headers }
  const named = String(req.headers.connection ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
  for (const name of [...HOP, ...named]) if (!FRAMING.includes(name)) delete headers[name]
  const from = req.socket.remoteAddress ?? ''
  headers['x-forwarded-for'] =
    req.headers['x-forwarded-for'] === undefined ? from : `${req.headers['x-forwarded-for']}, ${from}`
  headers['x-forwarded-host'] ??= req.headers.host ?? ''
  headers['x-forwarded-proto'] ??= 'http'
  return headers
}

function refuse(res, status, text) {
  if (res.headersSent || res.destroyed) {
    res.destroy()
    return
  }
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1' })
  res.end(`${text}\n`)
}

const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0 }, async (req, res) => {
  count(res)
  const to = await place((listener) => res.once('close', listener))
  if (res.destroyed) return
  if (to === null) {
    refuse(res, 503, 'Nothing is released here.')
    return
  }
  const end = begin(to)
  const options = {
    host: to.host,
    port: to.port,
    method: req.method,
    path: req.url,
    headers: headersOf(req),
    lookup,
    agent: false,
  }
  const out = request(options, (answer) => {
    const raw = answer.rawHeaders.filter((_, i, all) => !HOP.includes(all[i - (i % 2)].toLowerCase()))
    try {
      res.writeHead(answer.statusCode ?? 502, answer.statusMessage, raw)
    } catch (error) {
      // What no HTTP may hold: one answer of the service must not end everybody's.
      res.statusMessage = ''
      refuse(res, 502, `The service's answer is not understood (${error.code}).`)
      out.destroy()
      return
    }
    answer.on('error', () => res.destroy())
    answer.pipe(res)
  })
  out.once('socket', reachInTime)
  out.on('error', (error) =>
    refuse(res, 502, `The service does not answer (${error.code ?? error.message}).`),
  )
  out.on('close', () => {
    end()
    // Also of one that answers what nobody asked for, such as another protocol.
    if (!res.headersSent) refuse(res, 502, 'The service does not answer.')
  })
  res.on('close', () => {
    if (!res.writableFinished) out.destroy()
  })
  req.on('error', () => out.destroy())
  req.pipe(out)
})

// WebSockets: from the first byte on a passage in both directions.
server.on('upgrade', async (req, socket, head) => {
  socket.on('error', () => socket.destroy())
  const to = await place((listener) => socket.once('close', listener))
  if (to === null || socket.destroyed) {
    socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\r\n')
    return
  }
  const end = begin(to)
  let connected = false
  const out = connect({ port: to.port, host: to.host, lookup }, () => {
    connected = true
    const lines = [`${req.method} ${req.url} HTTP/1.1`]
    for (let i = 0; i < req.rawHeaders.length; i += 2)
      lines.push(`${req.rawHeaders[i]}: ${req.rawHeaders[i + 1]}`)
    out.write(`${lines.join('\r\n')}\r\n\r\n`)
    out.write(head)
    out.pipe(socket).pipe(out)
  })
  reachInTime(out)
  // Its end is told by `close`.
  out.on('error', () => undefined)
  out.on('close', () => {
    if (connected) socket.destroy()
    else socket.end('HTTP/1.1 502 Bad Gateway\r\nRetry-After: 1\r\nConnection: close\r\n\r\n')
    end()
  })
  socket.on('close', () => out.destroy())
})

server.on('clientError', (_, socket) => {
  if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
})

look()
// Where a change is not told (a folder shared with a virtual machine) it is seen by looking.
watch('/orders', look).on('error', () => undefined)
setInterval(() => {
  look()
  say()
}, LOOK_MS)
tellTraffic()
setInterval(tellTraffic, TELL_MS)
server.listen(8080, '0.0.0.0')
process.on('SIGTERM', () => process.exit(0))
