import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openSettings } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-settings-'))
const file = join(folder, 'deep', 'desktop.json')
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('what the desktop remembers', () => {
  it('is there at the next start', () => {
    const window = { x: -5, y: 2, width: 1200, height: 800, maximized: true }
    openSettings(file).update({ window })
    openSettings(file).update({ toldOfTray: true })
    expect(openSettings(file).settings).toEqual({ window, toldOfTray: true })
  })

  it.each(['', '{', '[]', '"x"', '{"toldOfTray":7,"window":{"x":"left"}}'])('is nothing in %j', (text) => {
    openSettings(file).update({})
    writeFileSync(file, text)
    expect(openSettings(file).settings).toEqual({ window: undefined, toldOfTray: false })
  })

  it('keeps what is sound beside what is not', () => {
    openSettings(file).update({})
    writeFileSync(file, '{"toldOfTray":true,"window":null,"later":1}')
    expect(openSettings(file).settings.toldOfTray).toBe(true)
  })

  it('goes on where nothing can be written', () => {
    writeFileSync(join(mkParent(), 'deep'), 'a file in the way')
    const settings = openSettings(file)
    settings.update({ toldOfTray: true })
    expect(settings.settings.toldOfTray).toBe(true)
    expect(readFileSync(join(folder, 'deep'), 'utf8')).toBe('a file in the way')
  })
})

function mkParent(): string {
  openSettings(join(folder, 'other.json')).update({})
  return folder
}
