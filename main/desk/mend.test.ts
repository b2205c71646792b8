import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Check, CheckId } from '../../preload/contract.ts'
import type { RunnerHealth } from '../engine/ports/runner.ts'
import { DeskError } from './desk.ts'
import { type MendTools, mendCheck } from './mend.ts'
import { dockerFix, type Fix, gitFix, type Machine } from './remedies.ts'

const READY: RunnerHealth = { status: 'ready', version: '1' }
const DOWN: RunnerHealth = { status: 'unavailable', reason: 'no answer', remedy: 'Look at it.' }

let dir: string
let lines: string[]
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'amphitheatre-mend-'))
  lines = []
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function mend(id: CheckId, fix: Check['fix'], tools: Partial<MendTools> = {}): Promise<void> {
  const check: Check = { id, status: 'missing', detail: '', remedy: 'By hand.', fix }
  return mendCheck(check, dir, (line) => lines.push(line), {
    health: async () => READY,
    dockerFix: () => null,
    commandMs: 20_000,
    answersMs: 0,
    soonMs: 0,
    ...tools,
  })
}

const run = (command: string, label = 'Install'): Fix => ({ how: 'run', label, command })

test('a command’s lines are told as they come', async () => {
  await mend('git', run('echo one; echo two >&2; echo three'))
  expect([...lines].sort()).toEqual(['one', 'three', 'two'])
})

test('a command that fails says so with its last words and the way to do it oneself', async () => {
  const failure = mend('git', run('echo fetching; echo no network >&2; exit 100'))
  await expect(failure).rejects.toMatchObject({
    message: expect.stringMatching(/^It ended with 100: (no network|fetching)$/),
    remedy: expect.stringContaining('Run it yourself: echo fetching'),
  })
})

test('a command that hangs is ended with all it has started', async () => {
  await expect(mend('git', run('sleep 600 & wait'), { commandMs: 200 })).rejects.toThrow(
    /took longer than 1 min/,
  )
})

test('only the person may run what is to be copied; what has no remedy has none', async () => {
  await expect(mend('docker', { how: 'copy', label: '', command: 'sudo x' })).rejects.toMatchObject({
    remedy: 'Run: sudo x',
  })
  await expect(mend('disk', null)).rejects.toThrow(DeskError)
})

test('a data folder others may enter is closed', async () => {
  chmodSync(dir, 0o755)
  await mend('data', run(`chmod 700 ${dir}`))
  expect(statSync(dir).mode & 0o777).toBe(0o700)
})

test('Docker that was installed and not started is started', async () => {
  await mend('docker', run('true'), {
    health: async () => (lines.includes('starting') ? READY : DOWN),
    dockerFix: () => run('echo starting', 'Start Docker'),
  })
  expect(lines).toContain('starting')
})

test('Docker that does not answer in time says why', async () => {
  await expect(
    mend('docker', run('true', 'Start Docker'), { health: async () => DOWN }),
  ).rejects.toMatchObject({
    message: 'Docker does not answer: no answer',
    remedy: 'Look at it.',
  })
})

describe('remedies', () => {
  const DEBIAN = 'ID=debian'
  const FEDORA = 'ID=fedora'
  const linux: Machine = {
    platform: 'linux',
    root: false,
    osRelease: DEBIAN,
    systemd: true,
    dockerHost: false,
    docker: undefined,
    socketClosed: false,
  }
  const root = { ...linux, root: true }
  const there = { docker: '/usr/sbin/dockerd' }
  const windows = { ...linux, platform: 'win32' as const }
  const mac = { ...linux, platform: 'darwin' as const }

  test.each<[string, Machine, Fix['how'] | null, string]>([
    ['root on Debian', root, 'run', 'apt-get update && apt-get install -y docker.io iptables'],
    ['Debian', linux, 'copy', 'sudo apt-get update && sudo apt-get install -y docker.io iptables'],
    [
      'Fedora',
      { ...linux, osRelease: FEDORA },
      'copy',
      'sudo dnf install -y moby-engine && sudo systemctl enable --now docker',
    ],
    ['a system not known', { ...linux, osRelease: 'ID=plan9' }, null, ''],
    ['stopped, root', { ...root, ...there }, 'run', 'systemctl start docker'],
    ['stopped, root in a container', { ...root, ...there, systemd: false }, 'run', 'dockerd'],
    ['stopped', { ...linux, ...there }, 'copy', 'sudo systemctl start docker'],
    ['not let in', { ...linux, ...there, socketClosed: true }, 'copy', 'sudo usermod -aG docker "$USER"'],
    ['pointed elsewhere', { ...root, ...there, dockerHost: true }, null, ''],
    ['macOS', mac, 'copy', 'brew install --cask docker'],
    ['macOS, stopped', { ...mac, docker: '/Applications/Docker.app' }, 'run', 'open -a Docker'],
    ['Windows', windows, 'copy', 'winget install --id Docker.DockerDesktop'],
    ['Windows, stopped', { ...windows, docker: 'C:\\D.exe' }, 'run', 'start "" "C:\\D.exe"'],
  ])('Docker, %s', (_, machine, how, command) => {
    const fix = dockerFix(machine)
    expect(fix?.how ?? null).toBe(how)
    expect(fix?.command ?? '').toBe(command)
  })

  test.each<[string, Machine, string]>([
    ['root on Debian', root, 'apt-get update && apt-get install -y git'],
    ['Fedora', { ...linux, osRelease: FEDORA }, 'sudo dnf install -y git'],
    ['macOS', mac, 'xcode-select --install'],
    ['Windows', windows, 'winget install --id Git.Git'],
  ])('git, %s', (_, machine, command) => expect(gitFix(machine)?.command).toBe(command))
})
