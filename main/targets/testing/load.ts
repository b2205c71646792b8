import { Agent, request } from 'node:http'

/** Requests at an even rate, over connections that are kept as browsers keep them. */
export interface Load {
  /** Resolves when so many more were answered. */
  answered(count: number): Promise<void>
  end(): Promise<LoadResult>
}

export interface LoadResult {
  readonly bodies: readonly string[]
  readonly failed: readonly string[]
  /** Between two good answers, ms. */
  readonly longestGapMs: number
  /** The same, of answers that differ: from the last of one version to the first of the next. */
  readonly longestTurnMs: number
}

export function load(port: number, perSecond: number, path = '/'): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const bodies: string[] = []
  const failed: string[] = []
  const open = new Set<Promise<void>>()
  let waiters: { readonly at: number; readonly resolve: () => void }[] = []
  let last: number | undefined
  let longestGapMs = 0
  let longestTurnMs = 0
  let sent = 0
  const began = performance.now()

  const good = (body: string): void => {
    bodies.push(body)
    const now = performance.now()
    if (last !== undefined) longestGapMs = Math.max(longestGapMs, now - last)
    if (last !== undefined && bodies.length > 1 && bodies.at(-2) !== body)
      longestTurnMs = Math.max(longestTurnMs, now - last)
    last = now
    for (const { at, resolve } of waiters) if (bodies.length >= at) resolve()
    waiters = waiters.filter(({ at }) => bodies.length < at)
  }
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const out = request({ host: '127.0.0.1', port, path, agent, timeout: 60_000 }, (answer) => {
        let body = ''
        answer.on('data', (chunk: Buffer) => {
          body += chunk.toString()
        })
        answer.on('end', () => {
          if (answer.statusCode === 200) good(body)
          else failed.push(`${answer.statusCode} ${body}`)
          resolve()
        })
        answer.on('error', (error) => {
          failed.push(error.message)
          resolve()
        })
      })
      out.on('timeout', () => out.destroy(new Error('no answer within 60 s')))
      out.on('error', (error) => {
        failed.push(error.message)
        resolve()
      })
      out.end()
    })
  // So many as are due: a machine that is busy for a moment sends the rest at once.
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond)
    for (; sent < due; sent++) {
      const asking = one()
      open.add(asking)
      void asking.then(() => open.delete(asking))
    }
  }, 5)

  return {
    answered: (count) =>
      new Promise((resolve) => {
        waiters.push({ at: bodies.length + count, resolve })
      }),
    end: async () => {
      clearInterval(timer)
      await Promise.all(open)
      agent.destroy()
      return { bodies, failed, longestGapMs, longestTurnMs }
    },
  }
}
