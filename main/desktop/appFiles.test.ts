import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { CONTENT_POLICY } from '../api/pages/contentPolicy.ts'
import { pathInside, serveAppFiles } from './appFiles.ts'

const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-pages-'))
const root = join(folder, 'renderer')
mkdirSync(join(root, 'assets'), { recursive: true })
writeFileSync(join(root, 'index.html'), '<!doctype html>')
writeFileSync(join(root, 'assets/main.js'), 'let a')
writeFileSync(join(root, 'assets/notes.txt'), 'kind not served')
writeFileSync(join(folder, 'secret.js'), 'secret')
symlinkSync(join(folder, 'secret.js'), join(root, 'assets/link.js'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const serve = serveAppFiles(root)
const get = (url: string, method = 'GET'): Promise<Response> => serve({ url, method } as unknown as Request)

describe('the files of the pages', () => {
  it.each([
    ['app://amphitheatre/', 'text/html; charset=utf-8'],
    ['app://amphitheatre/index.html#/graph', 'text/html; charset=utf-8'],
    ['app://amphitheatre/assets/main.js?v=1', 'text/javascript; charset=utf-8'],
  ])('%s comes with the policy', async (url, type) => {
    const response = await get(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
    expect(response.headers.get('content-security-policy')).toBe(CONTENT_POLICY)
  })

  it.each([
    ['app://amphitheatre/../secret.js', 404],
    ['app://amphitheatre/%2e%2e/secret.js', 404],
    ['app://amphitheatre/..%2fsecret.js', 403],
    ['app://amphitheatre/assets/..%5c..%5csecret.js', 403],
    ['app://amphitheatre/%252e%252e/secret.js', 403],
    ['app://amphitheatre/C:/secret.js', 403],
    ['app://amphitheatre/a%00.js', 403],
    ['app://amphitheatre/.env.js', 403],
    ['app://amphitheatre/%E0%A4%A', 403],
    ['app://amphitheatre/assets/link.js', 403],
    ['app://amphitheatre/assets/notes.txt', 404],
    ['app://amphitheatre/assets', 404],
    ['app://amphitheatre/missing.js', 404],
    ['app://other/index.html', 403],
    ['file:///etc/passwd', 403],
  ])('%s is refused', async (url, status) => {
    const response = await get(url)
    expect(response.status).toBe(status)
    expect(await response.text()).toBe('')
  })

  it('only reads', async () => {
    expect((await get('app://amphitheatre/index.html', 'POST')).status).toBe(403)
  })

  it('lets no path out, however it is written', () => {
    const piece = fc.constantFrom('..', '.', '%2e', '%2E%2e', '/', '\\', '%5c', '%2f', 'a', 'C:', '%00', ' ')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const path = pathInside(`/${pieces.join('')}`)
        if (path === undefined) return
        expect(join('/root', path).startsWith('/root/')).toBe(true)
        expect(path.split('/')).not.toContain('..')
      }),
    )
  })
})
