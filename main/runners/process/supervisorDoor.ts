import { unlinkSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import type { Child } from './child.ts'

/**
 * Where the engine reaches a supervisor. Lines of JSON in (`Request`), each answered with a line; and to everybody a
 * line `"output"` when there is more to read and `"over"` at the end. What was printed is read from the file.
 */
export type Request =
  | { readonly id: number; readonly type: 'input'; readonly data: string }
  | { readonly id: number; readonly type: 'resize'; readonly columns: number; readonly rows: number }

export type Answer = { readonly id: number; readonly error?: string }

export interface Door {
  tell(news: 'output'): void
  /** Tells everybody that it is over; calls back when they have heard, or do not listen. */
  close(done: () => void): void
}

/** One line must not fill the memory. */
const LONGEST_LINE = 4 * 1024 * 1024
const FAREWELL_MS = 1_000

export function openDoor(address: string, terminal: Child['terminal'], opened: () => void): Door {
  const guests = new Set<Socket>()
  const server = createServer((socket) => {
    guests.add(socket)
    // What was printed while it waited at the door, it has not heard of.
    socket.write('"output"\n')
    socket.on('close', () => guests.delete(socket))
    socket.on('error', () => socket.destroy())
    let unread = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      const lines = (unread + text).split('\n')
      unread = lines.pop()!
      if (unread.length > LONGEST_LINE) return socket.destroy()
      try {
        for (const line of lines) socket.write(`${JSON.stringify(answer(line, terminal))}\n`)
      } catch {
        // Not what an engine says.
        socket.destroy()
      }
    })
  })
  // Without a door the agent runs all the same; it cannot be typed to, and its end is found in the file.
  server.on('error', opened)
  if (process.platform !== 'win32') removeLeft(address)
  server.listen(address, opened)
  return {
    tell: (news) => {
      // Who has not read the last line yet will read everything when it does.
      for (const guest of guests) if (guest.writableLength === 0) guest.write(`"${news}"\n`)
    },
    close: (done) => {
      server.close(done)
      for (const guest of guests) guest.end('"over"\n')
      setTimeout(done, FAREWELL_MS)
    },
  }
}

function answer(line: string, terminal: Child['terminal']): Answer {
  const request = JSON.parse(line) as Request
  const { id } = request
  if (terminal === null) return { id, error: 'has no terminal' }
  try {
    if (request.type === 'input') terminal.write(Buffer.from(request.data, 'base64'))
    if (request.type === 'resize') terminal.resize(request.columns, request.rows)
    return { id }
  } catch (error) {
    return { id, error: (error as Error).message }
  }
}

function removeLeft(address: string): void {
  try {
    unlinkSync(address)
  } catch {
    // There was none.
  }
}
