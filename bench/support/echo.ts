import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** The floor of what a page is told by: a WebSocket and a page that sets an attribute, and nothing else. */
export interface Echo {
  readonly url: string
  /** To every page that is open. */
  send(text: string): void
  close(): void
}

const PAGE = (agents: number): string => `<!doctype html><title>Echo</title>${Array.from(
  { length: agents },
  (_, task) => `<i data-seat aria-label="t${task}," data-mark="running">${task}</i> `,
).join('')}<script>
const seats = document.querySelectorAll('[data-seat]')
let due = []
new WebSocket(location.href.replace('http', 'ws')).onmessage = ({ data }) => {
  due.push(...JSON.parse(data).data.events)
  if (due.length > 0) requestAnimationFrame(() => {
    for (const { type, data } of due) {
      if (type === 'agent.pausing') seats[data.task].dataset.mark = 'waiting'
      if (type === 'agent.resuming') seats[data.task].dataset.mark = 'running'
    }
    due = []
  })
}
</script>`

/** A page with `agents` seats. */
export async function serveEcho(agents: number): Promise<Echo> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE(agents))
  })
  const pages = new Set<WebSocket>()
  new WebSocketServer({ server }).on('connection', (page: WebSocket) => {
    pages.add(page)
    page.on('close', () => pages.delete(page))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    send: (text) => {
      for (const page of pages) page.send(text)
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
