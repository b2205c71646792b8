import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chromiums, openPage } from './openPage.ts'

const ADDRESS = 'http://127.0.0.1:7410/?token=SECRET'
let dir: string
let bin: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'amphi-open-'))
  bin = join(dir, 'bin')
  mkdirSync(bin)
})
afterEach(() => rmSync(dir, { recursive: true }))

/** A program of that name that notes how it was called. */
function program(name: string, exit: number): string {
  const path = join(bin, name)
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$@" > '${join(dir, name)}.args'\nexit ${exit}\n`)
  chmodSync(path, 0o755)
  return path
}

const calledWith = (name: string): readonly string[] =>
  readFileSync(join(dir, `${name}.args`), 'utf8')
    .trimEnd()
    .split('\n')

const open = (env: NodeJS.ProcessEnv = { DISPLAY: ':9' }) =>
  openPage(ADDRESS, { dataDir: join(dir, 'data'), env: { PATH: bin, ...env }, platform: 'linux' })

test('a Chromium-family browser gets a window, a profile of its own, and the address in a file', async () => {
  const chromium = program('chromium', 0)
  program('xdg-open', 0)
  expect(await open()).toMatchObject({ how: 'window', program: chromium })
  const args = calledWith('chromium')
  const page = join(dir, 'data', 'browser', 'open.html')
  expect(args).toContain(`--app=file://${page}`)
  expect(args).toContain(`--user-data-dir=${join(dir, 'data', 'browser', 'profile')}`)
  // Every user of the machine can read command lines.
  expect(args.join(' ')).not.toContain('SECRET')
  expect(readFileSync(page, 'utf8')).toContain(`url=${ADDRESS}"`)
  expect(statSync(page).mode & 0o777).toBe(0o600)
  expect(statSync(join(dir, 'data', 'browser')).mode & 0o777).toBe(0o700)
  expect(existsSync(join(dir, 'xdg-open.args'))).toBe(false)
})

test('one that does not start gives way to the next, and in the end to the default browser', async () => {
  program('chromium', 1)
  program('google-chrome', 3)
  program('xdg-open', 0)
  expect(await open()).toEqual({ how: 'browser', program: 'xdg-open' })
  expect(existsSync(join(dir, 'google-chrome.args'))).toBe(true)
  expect(calledWith('xdg-open')).toEqual([join(dir, 'data', 'browser', 'open.html')])
})

test('without a browser or a display that is said', async () => {
  expect(await open()).toEqual({ how: 'none', reason: expect.stringContaining('no browser') })
  program('chromium', 0)
  expect(await open({})).toEqual({ how: 'none', reason: 'there is no display' })
  expect(await open({ WAYLAND_DISPLAY: 'wayland-0' })).toMatchObject({ how: 'window' })
})

test('programs are looked for in the order of the path, once each', () => {
  const chromium = program('chromium', 0)
  const brave = program('brave-browser', 0)
  writeFileSync(join(bin, 'google-chrome'), 'not to be run')
  expect(chromiums({ PATH: `/nowhere::${bin}:${bin}` }, 'linux')).toEqual([chromium, brave])
  expect(chromiums({}, 'win32')).toEqual([])
})
