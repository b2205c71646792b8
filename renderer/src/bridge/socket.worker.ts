import type { FromWorker, ToWorker } from './socketMessages.ts'

/**
 * Holds the page's WebSocket. A thread that does nothing else takes what comes as fast as it comes; the page's own
 * takes a long message in several turns, each after whatever it is busy with.
 */
const sockets = new Map<number, WebSocket>()

self.onmessage = ({ data: order }: MessageEvent<ToWorker>) => {
  switch (order.do) {
    case 'open':
      hold(order.id, new WebSocket(order.url, [...order.protocols]))
      return
    case 'send':
      sockets.get(order.id)?.send(order.text)
      return
    case 'close':
      sockets.get(order.id)?.close()
      return
  }
}

function hold(id: number, socket: WebSocket): void {
  sockets.set(id, socket)
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => tell({ event: 'open', id }))
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    tell({ event: 'message', id, data }, typeof data === 'string' ? [] : [data])
  })
  socket.addEventListener('close', () => {
    sockets.delete(id)
    tell({ event: 'close', id })
  })
}

function tell(message: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer })
}
