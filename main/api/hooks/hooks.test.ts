import { createHmac } from 'node:crypto'
import { chmodSync, readFileSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Driver, PROJECT } from '../../domain/testing/driver.ts'
import { alert, incident, incidents } from '../../domain/testing/incidents.ts'
import { eventually } from '../pages/testing/eventually.ts'
import { FakeLink } from '../pages/testing/fakeLink.ts'
import { fakeCenter } from '../testing/fakeCenter.ts'
import type { WebServer } from '../web/serveWeb.ts'
import { parts, WebFixture } from '../web/testing/webFixture.ts'
import { MOST_UNPROVEN } from './addHooks.ts'
import { AlertInbox, MOST_WAITING } from './alertInbox.ts'
import { HookTokens, hookToken } from './hookTokens.ts'

/** Over HTTP as Alertmanager and Grafana do it, to an engine by the real rules. */
const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')

let place: WebFixture
let server: WebServer
let driver: Driver
let token: string

beforeEach(async () => {
  place = new WebFixture()
  driver = new Driver()
  driver.now = Date.parse('2026-11-21T12:00:00Z')
  const center = {
    ...fakeCenter(),
    dispatch: async ({ command }: { readonly command: Parameters<Driver['send']>[0] }) => {
      const refused = driver.send(command)
      return refused === undefined
        ? ({ ok: true, seq: driver.state.seq } as const)
        : ({ ok: false, ...refused } as const)
    },
  }
  token = hookToken(place.dataDir, PROJECT)
  server = await place.serve({ ...parts(), link: new FakeLink(center) })
})
afterEach(() => place.remove())

interface Reply {
  readonly status: number
  readonly text: string
}

function post(
  path: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const all = { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers }
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port: server.port,
      path,
      method: 'POST',
      headers: sent,
      agent: false,
    })
    asked.on('error', reject)
    asked.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode!, text }))
    })
    asked.end(body)
  })
}

const signed = (body: string, stamp?: string, secret = token): string =>
  createHmac('sha256', secret)
    .update(stamp === undefined ? body : `${stamp}:${body}`)
    .digest('hex')

describe('alerts of Alertmanager', () => {
  const firing = fixture('alertmanager-firing.json')

  test('open an incident, and resolved ones leave it to be closed', async () => {
    expect(await post('/hooks/alertmanager', firing)).toEqual({ status: 200, text: '{"ok":true,"alerts":2}' })
    expect(incident(driver)).toMatchObject({
      severity: 'P0',
      title: 'Checkout answers 500',
      alerts: { firing: 2 },
      sources: [{ kind: 'alert', ref: 'alertmanager' }],
    })
    expect((await post('/hooks/alertmanager', fixture('alertmanager-resolved.json'))).status).toBe(200)
    expect(incident(driver)).toMatchObject({ alerts: { firing: 0, resolved: 2 } })
    expect(incident(driver).quietSince).not.toBeNull()
  })

  test('sent again, together or later, change nothing', async () => {
    await Promise.all([1, 2, 3].map(() => post('/hooks/alertmanager', firing)))
    await post('/hooks/alertmanager', fixture('alertmanager-resolved.json'))
    const events = driver.log.length
    await post('/hooks/alertmanager', firing)
    expect(driver.log.length).toBe(events)
    expect(incidents(driver)).toHaveLength(1)
  })

  test('a thousand at once, each by itself, are one incident', async () => {
    const one = JSON.parse(firing) as { alerts: Record<string, unknown>[] }
    const sent = Array.from({ length: 1_000 }, (_, i) => {
      const alert = { ...one.alerts[0], fingerprint: `f${i}`, labels: { alertname: `a${i}` } }
      return JSON.stringify({ ...one, groupKey: `g${i % 20}`, alerts: [alert] })
    })
    // Below what may be connected at once.
    const replies: Reply[] = []
    for (let at = 0; at < sent.length; at += 250)
      replies.push(
        ...(await Promise.all(sent.slice(at, at + 250).map((body) => post('/hooks/alertmanager', body)))),
      )
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
    expect(incidents(driver)).toHaveLength(1)
    expect(incident(driver).alerts).toMatchObject({ firing: 1_000 })
  })
})

describe('alerts of Grafana', () => {
  const firing = fixture('grafana-firing.json')

  test('come with the token', async () => {
    expect((await post('/hooks/grafana', firing)).status).toBe(200)
    expect(incident(driver)).toMatchObject({
      title: 'Memory of api grows',
      severity: 'P1',
      alerts: { firing: 1 },
    })
    expect((await post('/hooks/grafana', fixture('grafana-resolved.json'))).status).toBe(200)
    expect(incident(driver).alerts).toMatchObject({ firing: 0, resolved: 1 })
  })

  test('come signed', async () => {
    const path = `/hooks/grafana/${PROJECT}`
    const bare = { authorization: '', 'x-grafana-alerting-signature': signed(firing) }
    expect((await post(path, firing, bare)).status).toBe(200)
    const stamp = String(Math.floor(Date.now() / 1000))
    const stamped = {
      ...bare,
      'x-grafana-alerting-signature': signed(firing, stamp),
      'x-grafana-alerting-timestamp': stamp,
    }
    expect((await post(path, firing, stamped)).status).toBe(200)
    expect(incidents(driver)).toHaveLength(1)
  })

  test.each([
    ['changed on the way', (body: string) => ({ body: body.replace('api', 'web'), stamp: undefined })],
    ['of an hour ago', (body: string) => ({ body, stamp: String(Math.floor(Date.now() / 1000) - 3_600) })],
    ['of no time at all', (body: string) => ({ body, stamp: 'now' })],
  ])('signed and %s are refused', async (_, change) => {
    const { body, stamp } = change(firing)
    const headers = {
      authorization: '',
      'x-grafana-alerting-signature': signed(firing, stamp),
      ...(stamp === undefined ? {} : { 'x-grafana-alerting-timestamp': stamp }),
    }
    expect((await post(`/hooks/grafana/${PROJECT}`, body, headers)).status).toBe(401)
    expect(incidents(driver)).toEqual([])
  })
})

describe('signatures of Grafana', () => {
  /** Secret, stamp and body of our own, signed by `openssl dgst -sha256 -hmac`, as Grafana's documentation says. */
  test.each([
    [undefined, 'fbe9624b1d2f61581c1c1f88440e270e7293cd3fd023bc491a3928871c668a28'],
    ['1763726400', '04a7d60c482b221879f65a50c7ec5132e5a3252594906e4d981dca89aefd7f86'],
  ])('with the stamp %s are those of another implementation', (stamp, signature) => {
    expect(signed('{"status":"firing"}', stamp, 'a secret')).toBe(signature)
  })

  test('hold no longer when the stamp is taken away or another', async () => {
    const stamp = String(Math.floor(Date.now() / 1000))
    const firing = fixture('grafana-firing.json')
    const signature = { authorization: '', 'X-Grafana-Alerting-Signature': signed(firing, stamp) }
    const path = `/hooks/grafana/${PROJECT}`
    expect((await post(path, firing, signature)).status).toBe(401)
    const later = { ...signature, 'X-Grafana-Alerting-Timestamp': String(Number(stamp) + 1) }
    expect((await post(path, firing, later)).status).toBe(401)
    const right = { ...signature, 'X-Grafana-Alerting-Timestamp': stamp }
    expect((await post(path, firing, right)).status).toBe(200)
  })

  test('and alerts with nothing in what may be missing are taken', async () => {
    const bare = { status: 'firing', labels: { alertname: 'a' }, startsAt: '2026-11-21T11:06:31Z' }
    const empty = { annotations: null, values: null, panelURL: '', dashboardURL: null, imageURL: null }
    const alerts = [bare, { ...bare, ...empty, labels: { alertname: 'b' } }]
    expect((await post('/hooks/grafana', JSON.stringify({ alerts, groupKey: null }))).status).toBe(200)
    expect(incident(driver).alerts.firing).toBe(2)
  })
})

describe('what is forged or malformed', () => {
  test('bodies nobody has proven anything of are read only so many at once', async () => {
    const head = (signature: string, project: string = PROJECT): string =>
      [
        `POST /hooks/grafana/${project} HTTP/1.1`,
        `Host: 127.0.0.1:${server.port}`,
        'Content-Type: application/json',
        'Content-Length: 1000000',
        `X-Grafana-Alerting-Signature: ${signature}`,
        '\r\n',
      ].join('\r\n')
    const sockets: Socket[] = []
    const answers: string[] = []
    const begin = (text: string): void => {
      const socket = connect(server.port, '127.0.0.1')
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.once('data', (data) => answers.push(data.toString().split('\r\n', 1)[0]!))
      socket.write(text)
    }
    // What can be no signature is not read at all.
    begin(head('x'))
    begin(head('0'.repeat(64), 'nobody'))
    await eventually(() => expect(answers).toEqual(Array(2).fill('HTTP/1.1 401 Unauthorized')))
    for (let i = 0; i <= MOST_UNPROVEN; i++) begin(head('0'.repeat(64)))
    await eventually(() => expect(answers.slice(2)).toEqual(['HTTP/1.1 503 Service Unavailable']))
    // Who has the token is not kept waiting by them, and whoever goes makes room.
    expect((await post('/hooks/grafana', fixture('grafana-firing.json'))).status).toBe(200)
    for (const socket of sockets) socket.destroy()
    const headers = {
      authorization: '',
      'x-grafana-alerting-signature': signed(fixture('grafana-firing.json')),
    }
    await eventually(async () => {
      expect((await post(`/hooks/grafana/${PROJECT}`, fixture('grafana-firing.json'), headers)).status).toBe(
        200,
      )
    })
  })

  const good = fixture('alertmanager-firing.json')
  const cases: readonly (readonly [string, number, string | Buffer, Readonly<Record<string, string>>])[] = [
    ['no token', 401, good, { authorization: '' }],
    ['a wrong token', 401, good, { authorization: `Bearer ${'x'.repeat(43)}` }],
    ['a token that is none', 401, good, { authorization: 'Bearer ../../etc/passwd' }],
    ['another host name', 421, good, { host: 'evil.example' }],
    ['a browser', 403, good, { origin: 'http://evil.example' }],
    ['no JSON', 400, '{"alerts":', {}],
    ['another type', 415, good, { 'content-type': 'text/plain' }],
    ['nothing', 400, '', {}],
    ['a list', 422, '[]', {}],
    ['no alerts', 422, '{"alerts":[]}', {}],
    ['a state that is none', 422, good.replaceAll('"firing"', '"burning"'), {}],
    ['a time that is none', 422, good.replaceAll(/"startsAt": "[^"]*"/g, '"startsAt": "yesterday"'), {}],
    [
      'too many alerts',
      422,
      JSON.stringify({
        alerts: Array.from({ length: 1_001 }, () => (JSON.parse(good) as { alerts: unknown[] }).alerts[0]),
      }),
      {},
    ],
    ['too many bytes', 413, Buffer.alloc(3 * 1024 * 1024, 32), {}],
  ]
  test.each(cases)('%s is refused with %i', async (_, status, body, headers) => {
    const reply = await post('/hooks/alertmanager', body, headers)
    expect(reply.status).toBe(status)
    expect(reply.text).not.toContain(token)
    expect(reply.text).not.toMatch(/Checkout|evil|passwd|node_modules|\.ts\b/)
    expect(incidents(driver)).toEqual([])
  })

  test('wrong tokens are answered only so often, and the right one gets in all the same', async () => {
    const wrong = { authorization: `Bearer ${'x'.repeat(43)}` }
    const statuses = []
    for (let i = 0; i < 12; i++) statuses.push((await post('/hooks/alertmanager', good, wrong)).status)
    expect(statuses.filter((status) => status === 429)).toHaveLength(2)
    expect((await post('/hooks/alertmanager', good)).status).toBe(200)
  })

  test('a GET is a page that nobody is let in to', async () => {
    const reply = await fetch(`http://127.0.0.1:${server.port}/hooks/alertmanager`)
    expect(reply.status).toBe(401)
  })
})

describe('tokens', () => {
  test('are one for each project, for this user only, and gone when their file is', () => {
    const file = join(place.dataDir, 'hooks', `${PROJECT}.token`)
    expect(statSync(file).mode & 0o077).toBe(0)
    expect(hookToken(place.dataDir, PROJECT)).toBe(token)
    expect(new HookTokens(place.dataDir).projectOf(token)).toBe(PROJECT)
    chmodSync(file, 0o644)
    expect(new HookTokens(place.dataDir).projectOf(token)).toBeUndefined()
    rmSync(file)
    expect(new HookTokens(place.dataDir).projectOf(token)).toBeUndefined()
  })
})

test('what comes while a command is under way goes together into the next', async () => {
  let release: () => void = () => undefined
  const commands: number[] = []
  const center = {
    ...fakeCenter(),
    dispatch: ({ command }: { readonly command: object }) => {
      commands.push((command as { readonly alerts: readonly unknown[] }).alerts.length)
      return new Promise<{ ok: true; seq: number }>((resolve) => {
        release = () => resolve({ ok: true, seq: 1 })
      })
    },
  }
  const inbox = new AlertInbox(new FakeLink(center))
  const first = inbox.take(PROJECT, 'grafana', [alert('a')])
  await eventually(() => expect(commands).toEqual([1]))
  const rest = Array.from({ length: 1_500 }, (_, i) => inbox.take(PROJECT, 'grafana', [alert(`b${i}`)]))
  release()
  await first
  await eventually(() => expect(commands).toEqual([1, 1_000]))
  const full = Array.from({ length: MOST_WAITING }, (_, i) => alert(`c${i}`))
  expect(await inbox.take(PROJECT, 'grafana', full)).toMatchObject({ ok: false, why: 'busy' })
  release()
  await eventually(() => expect(commands).toEqual([1, 1_000, 500]))
  release()
  expect((await Promise.all(rest)).every(({ ok }) => ok)).toBe(true)
})
