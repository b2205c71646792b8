import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VIEWS } from '../../preload/contract.ts'
import { NAME_PATTERN } from '../domain/ids.ts'
import { hashOf, parseLink, parseWords, placeOf } from './links.ts'

describe('links', () => {
  it.each([
    ['amphitheatre://run/r1', { view: 'house', run: 'r1' }],
    ['amphitheatre://run/r1/', { view: 'house', run: 'r1' }],
    ['amphitheatre://run/0190-ab/task/compile-api', { view: 'graph', run: '0190-ab', task: 'compile-api' }],
    ['amphitheatre://view/queue', { view: 'queue' }],
  ])('reads %s', (link, place) => {
    expect(parseLink(link)).toEqual(place)
  })

  it.each([
    'amphitheatre://view/nowhere',
    'amphitheatre://view/queue/task/x',
    'amphitheatre://run/',
    'amphitheatre://run/..',
    'amphitheatre://run/%2e%2e',
    'amphitheatre://run/a b',
    'amphitheatre://run/r1?x=1',
    'amphitheatre://run/r1#x',
    'amphitheatre://run/r1/task/',
    'amphitheatre://run/r1/task/a/b',
    'amphitheatre://start/r1',
    'amphitheatre:run/r1',
    'AMPHITHEATRE://run/r1',
    'https://run/r1',
    ` amphitheatre://run/r1`,
    `amphitheatre://run/${'a'.repeat(400)}`,
    'amphitheatre://constructor/x',
  ])('refuses %s', (link) => {
    expect(parseLink(link)).toBeUndefined()
  })

  it('gives a name as it stands or nothing at all', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const place = parseLink(`amphitheatre://run/${text}`)
        if (place !== undefined) expect(place.run).toMatch(NAME_PATTERN)
      }),
    )
  })
})

describe('words of a start', () => {
  it.each<[string[], string | undefined, unknown]>([
    [[], undefined, undefined],
    [['.'], '/home/kim', undefined],
    [['storefront'], '/home/kim/storefront', undefined],
    [['/srv/shop', '--enable-features=x'], '/srv/shop', undefined],
    [['amphitheatre://view/queue'], undefined, { view: 'queue' }],
    [['amphitheatre://nonsense/x'], undefined, undefined],
    [['https://example.com/', 'shop'], '/home/kim/shop', undefined],
    [['-psn_0_1', ''], undefined, undefined],
  ])('%j', (words, project, place) => {
    expect(parseWords(words, '/home/kim')).toEqual({ project, place })
  })
})

describe('the address of the pages', () => {
  it('comes back as the place it was made of', () => {
    const place = fc.record(
      {
        view: fc.constantFrom(...VIEWS),
        run: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,20}$/).map((id) => id as never),
        task: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,20}$/),
      },
      { requiredKeys: ['view', 'run'] },
    )
    fc.assert(
      fc.property(place, (one) => {
        expect(placeOf(`app://x/index.html${hashOf(one)}`)).toEqual(one)
      }),
    )
  })

  it.each(['app://x/', 'app://x/#/nowhere', 'app://x/#/house/%E0%A4%A'])('%s is no place', (url) => {
    expect(placeOf(url)).toBeUndefined()
  })
})
