import { expect, test } from 'vitest'
import { checkGit, checkNode, checkSpace } from './checks.ts'
import { newRunId, projectIdFor } from './ids.ts'
import { installerOf } from './remedies.ts'
import { slug } from './spawnPlan.ts'

test.each([
  ['v24.21.0', 'ok'],
  ['v25.0.0', 'ok'],
  ['v20.19.1', 'missing'],
  ['v9.0.0', 'missing'],
])('Node %s is %s', (version, status) => expect(checkNode(version)).toMatchObject({ status }))

test.each([
  ['2.39.5', 'ok'],
  ['2.38.0.windows.1', 'ok'],
  ['3.0', 'ok'],
  ['2.37.9', 'missing'],
  [undefined, 'missing'],
])('git %s is %s', (version, status) => expect(checkGit(version)).toMatchObject({ status }))

test('little space is worth a note with a remedy', () => {
  expect(checkSpace(5e9)).toMatchObject({ status: 'ok', detail: '5 GB free' })
  expect(checkSpace(1000)).toMatchObject({ status: 'note', remedy: expect.stringMatching(/./) })
  expect(checkSpace(undefined)).toMatchObject({ detail: expect.stringContaining('unknown') })
})

test.each([
  ['npm test', 'npm-test'],
  ['  ./Déploy.sh --now && echo $X', 'd-ploy-sh-now-echo-x'],
  ['!!!', 'task'],
  ['x'.repeat(100), 'x'.repeat(24)],
  ['help', 'run-help'],
])('the task of %j is %s', (command, name) => expect(slug(command)).toBe(name))

test('run ids sort by their time and do not repeat', () => {
  const times = [0, 1, 31, 32, Date.UTC(2026, 1, 1), Date.UTC(2026, 1, 1) + 1, Date.UTC(2100, 1, 1)]
  const ids = times.map((time) => newRunId(time))
  expect([...ids].sort()).toEqual(ids)
  for (const id of ids) expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{13}$/)
  expect(new Set(Array.from({ length: 100 }, () => newRunId(5))).size).toBeGreaterThan(95)
})

test.each([
  ['ID=debian', 'apt-get install -y'],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"', 'apt-get install -y'],
  ['ID="rhel"\nID_LIKE="fedora"', 'dnf install -y'],
  ['ID="opensuse-leap"\nID_LIKE="suse opensuse"', 'zypper install -y'],
  ['ID=arch', 'pacman -S --noconfirm'],
  ['ID=plan9', undefined],
  ['', undefined],
])('%j installs with %s', (text, command) => expect(installerOf(text)?.install).toBe(command))

test('a project is its folder and its name', () => {
  expect(projectIdFor('/tmp', 'a')).toBe(projectIdFor('/tmp/../tmp', 'a'))
  expect(projectIdFor('/tmp', 'a')).not.toBe(projectIdFor('/tmp', 'b'))
  expect(projectIdFor('/tmp', 'a')).toMatch(/^[0-9a-f]{12}$/)
})
