import { expect, test } from 'vitest'
import { redactPatch, secretsOf } from './redactPatch.ts'

const redact = (text: string, secrets: readonly string[] = []): string =>
  redactPatch(Buffer.from(text), secrets).toString()
/** Not as one piece, or whoever looks for lost keys finds this file. */
const of = (...parts: readonly string[]): string => parts.join('')

test.each([
  ['+DB_PASSWORD=hunter22x', '+DB_PASSWORD=[redacted]'],
  ['+  "apiKey": "abcd1234efgh",', '+  "apiKey": "[redacted]",'],
  ["+auth_token: 'abcd1234efgh'", "+auth_token: '[redacted]'"],
  [of('+key AK', 'IAIOSFODNN7EXAMPLE here'), '+key [redacted] here'],
  [of('+gh', 'p_', 'a1'.repeat(18)), '+[redacted]'],
  [of('+sk', '-ant-', 'x9'.repeat(20), ' end'), '+[redacted] end'],
  ['+postgres://app:s3cr3t@db:5432/x', '+postgres://app:[redacted]@db:5432/x'],
  ['+const token = readToken()', '+const token = readToken()'],
  ['+  password: string', '+  password: string'],
  ['+see https://example.org/a:b', '+see https://example.org/a:b'],
  ['+é ü plain text', '+é ü plain text'],
])('%s', (line, redacted) => {
  expect(redact(`--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n${line}\n`)).toBe(
    `--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n${redacted}\n`,
  )
})

test('a private key is left out as a whole', () => {
  const key = of(
    '+-----BEGIN RSA PRIV',
    'ATE KEY-----\n+MIIE\n+abcd\n+-----END RSA PRIV',
    'ATE KEY-----\n+after\n',
  )
  const shown = redact(key)
  expect(shown).not.toContain('MIIE')
  expect(shown).toContain('[redacted] (2 lines)')
  expect(shown.endsWith('+after\n')).toBe(true)
})

test('values this program was given as secret are found wherever they stand', () => {
  const secrets = secretsOf({
    API_TOKEN: 'öpen sesame',
    SSH_KEY: 'abcdefgh',
    PATH: '/usr/local/bin',
    PASSWORD: 'short',
  })
  expect(secrets).toEqual(['öpen sesame', 'abcdefgh'])
  expect(redact('+say "öpen sesame" to abcdefghi\n', secrets)).toBe('+say "[redacted]" to [redacted]i\n')
})

test('bytes that are no text stay as they are', () => {
  const bytes = Buffer.from([0x2b, 0xff, 0xfe, 0x00, 0x80, 0x0a])
  expect(redactPatch(bytes, ['secret-value'])).toEqual(bytes)
})
