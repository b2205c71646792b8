import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CONTENT_POLICY, PAGE_SCRIPT } from './contentPolicy.ts'

test('the one script that stands in the page itself is named by its content', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../renderer/index.html'), 'utf8')
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => text!)
  const hashes = scripts.map((text) => `sha256-${createHash('sha256').update(text).digest('base64')}`)
  expect(hashes).toEqual([PAGE_SCRIPT])
  expect(CONTENT_POLICY).toContain(`script-src 'self' '${PAGE_SCRIPT}'`)
})
