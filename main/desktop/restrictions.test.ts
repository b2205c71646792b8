import { describe, expect, it } from 'vitest'
import { isOwnUrl, isTrusted, mayOpenOutside, mayUse } from './restrictions.ts'

describe('what pages may not do', () => {
  it.each<[string, boolean]>([
    ['app://amphitheatre/index.html#/house', true],
    ['app://amphitheatre/assets/a.js', true],
    ['app://other/index.html', false],
    ['app://amphitheatre.evil/index.html', false],
    ['app://user@amphitheatre/index.html', false],
    ['https://amphitheatre/index.html', false],
    ['file:///etc/passwd', false],
    ['about:blank', false],
    ['', false],
  ])('own: %s', (url, own) => {
    expect(isOwnUrl(url)).toBe(own)
  })

  it.each<[string, boolean]>([
    ['https://example.com/x', true],
    ['http://example.com/', false],
    ['https://user:secret@example.com/', false],
    ['file:///usr/bin/true', false],
    ['smb://host/share', false],
    ['javascript:alert(1)', false],
    ['ms-msdt:/id', false],
    ['amphitheatre://run/r1', false],
    [`https://example.com/${'a'.repeat(3_000)}`, false],
    ['nonsense', false],
  ])('outside: %s', (url, may) => {
    expect(mayOpenOutside(url)).toBe(may)
  })

  it('may copy to the clipboard and nothing else', () => {
    const own = 'app://amphitheatre/index.html'
    expect(mayUse('clipboard-sanitized-write', own)).toBe(true)
    expect(mayUse('clipboard-sanitized-write', 'https://example.com/')).toBe(false)
    for (const other of ['clipboard-read', 'media', 'notifications', 'openExternal', 'usb', 'fullscreen']) {
      expect(mayUse(other, own)).toBe(false)
    }
  })

  it('trusts the main frame of its own page only', () => {
    const main = { url: 'app://amphitheatre/index.html' }
    expect(isTrusted({ frame: main, main })).toBe(true)
    expect(isTrusted({ frame: { ...main }, main })).toBe(false)
    expect(isTrusted({ frame: null, main })).toBe(false)
    expect(isTrusted({ frame: main, main: undefined })).toBe(false)
    const led = { url: 'https://example.com/' }
    expect(isTrusted({ frame: led, main: led })).toBe(false)
  })
})
