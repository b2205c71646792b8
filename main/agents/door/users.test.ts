import { execFile } from 'node:child_process'
import { chmodSync, readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { tasks } from '../../domain/testing/plan.ts'
import { House } from './testing/house.ts'

const isRoot = process.getuid?.() === 0
const AGENTS = 1000

/** What `POST /v1/hello` comes to for another user of the machine. */
function helloAs(uid: number, socketPath: string): Promise<string> {
  const program = `require('http').request({ socketPath: process.argv[1], method: 'POST', path: '/v1/hello' }, (r) => {
    console.log(r.statusCode); r.resume() }).on('error', (e) => console.log(e.code)).end()`
  return new Promise((resolve, reject) => {
    const options = { uid, gid: uid, cwd: '/', env: {} }
    execFile(process.execPath, ['-e', program, socketPath], options, (error, stdout) => {
      if (error === null) resolve(stdout.trim())
      else reject(error)
    })
  })
}

test.runIf(isRoot)(
  'under root the door is the agents’ user’s: nobody else of the machine gets in',
  async () => {
    const house = new House({ plan: tasks(['a']), doors: { uid: AGENTS, gid: AGENTS } })
    try {
      chmodSync(house.root, 0o711)
      await house.begin()
      const socket = house.socket('a')
      expect(await helloAs(AGENTS, socket)).toBe('200')
      expect(await helloAs(AGENTS + 1, socket)).toBe('EACCES')
      expect(statSync(dirname(socket)).uid).toBe(0)
      expect(readdirSync(house.base)).toHaveLength(1)
      expect(statSync(house.base).mode & 0o777).toBe(0o711)
    } finally {
      await house.close()
    }
  },
)
