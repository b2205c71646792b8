import { once } from 'node:events'
import { accessSync, constants, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { freemem, tmpdir } from 'node:os'
import { output } from '../lib/output.ts'

const MIB = 1024 * 1024

/** Free space for whoever is no administrator, MiB. */
function freeMib(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return Math.floor((bavail * bsize) / MIB)
}

function canWrite(folder: string): boolean {
  accessSync(folder, constants.W_OK)
  return true
}

async function canListen(): Promise<boolean> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.close()
  return true
}

const nodeMajor = Number(process.versions.node.split('.')[0])
const diskMib = freeMib('.')
const temporaryMib = freeMib(tmpdir())
const memoryMib = Math.floor(freemem() / MIB)

const checks: readonly (readonly [what: string, passed: boolean])[] = [
  [`Node ${process.versions.node}, 24 or newer`, nodeMajor >= 24],
  [`${diskMib} MiB free for releases, 50 or more`, diskMib >= 50],
  [`${temporaryMib} MiB free in ${tmpdir()}, 16 or more`, temporaryMib >= 16],
  [`${memoryMib} MiB of memory free, 64 or more`, memoryMib >= 64],
  ['the clock is past the last release', Date.now() > Date.parse('2026-01-01')],
  ['a port can be opened', await canListen()],
  ['releases can be written', canWrite('releases')],
]
for (const [what, passed] of checks) console.log(`${passed ? 'ok    ' : 'FAILED'} ${what}`)
output({ node: process.versions.node, disk_mib: diskMib, memory_mib: memoryMib })
if (checks.some(([, passed]) => !passed)) process.exitCode = 1
