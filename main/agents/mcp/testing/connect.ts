import { request } from 'node:http'
import { dirname, join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import type { House } from '../../door/testing/house.ts'

/** The official client, connected to a task's door in the versions that are promised, by HTTP and through a program. */

export const VERSIONS = ['2025-11-25', '2026-07-28'] as const
export type Version = (typeof VERSIONS)[number]

/** By HTTP, or through a program in the door's folder. */
export const WAYS = ['http', 'amphi-agent', 'amphi-mcp'] as const
export type Way = (typeof WAYS)[number]

export async function connect(house: House, task: string, version: Version, way: Way): Promise<Client> {
  const mode = version === '2025-11-25' ? ('legacy' as const) : { pin: version }
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(way === 'http' ? overSocket(house.socket(task)) : throughProgram(house, task, way))
  return client
}

function overSocket(socketPath: string): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(new URL('http://door/mcp'), { fetch: socketFetch(socketPath) })
}

function throughProgram(house: House, task: string, program: Exclude<Way, 'http'>): StdioClientTransport {
  const { env, folder } = house.spec(task).door!
  // The project's own Node comes first, as an image's would.
  const path = [dirname(process.execPath), process.env['PATH']].join(':')
  const args = program === 'amphi-agent' ? ['mcp'] : []
  const command = join(folder, 'bin', program)
  return new StdioClientTransport({ command, args, env: { ...env, PATH: path }, stderr: 'pipe' })
}

/** `fetch` over a unix socket: bodies are texts, answers come whole. */
export function socketFetch(
  socketPath: string,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return (url, init = {}) =>
    new Promise((resolve, reject) => {
      const { method = 'GET', body, signal } = init
      const headers = Object.fromEntries(new Headers(init.headers))
      const path = new URL(url).pathname
      const options = { socketPath, path, method, headers, agent: false, ...(signal ? { signal } : {}) }
      const asked = request(options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const status = response.statusCode!
          const text = status === 202 || status === 204 ? null : Buffer.concat(chunks).toString()
          resolve(new Response(text, { status, headers: response.headers as Record<string, string> }))
        })
      })
      asked.on('error', reject)
      asked.end(typeof body === 'string' ? body : undefined)
    })
}
