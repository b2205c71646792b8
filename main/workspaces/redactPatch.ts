/**
 * Patches of what agents wrote without declaring it are kept to be looked at, and such files are where credentials end
 * up (`.env`, `credentials.json`). What looks like one, and every value this program was itself given as one, is
 * replaced by `[redacted]`. The files themselves are put back from git and are not touched. This is no proof: a secret
 * that looks like nothing is not found.
 */
export function redactPatch(patch: Buffer, secrets: readonly string[]): Buffer {
  // Byte for byte: a patch need not be UTF-8.
  let text = patch.toString('latin1')
  for (const secret of secrets) text = text.replaceAll(Buffer.from(secret).toString('latin1'), MASK)
  text = withoutKeys(text)
  for (const shape of SHAPES) text = text.replace(shape, MASK)
  text = text.replace(IN_ADDRESS, `$1${MASK}@`)
  return Buffer.from(text.replace(ASSIGNED, `$1$2${MASK}$2`), 'latin1')
}

/** Values of environment variables whose names say that they are secret. Short ones are words like any other. */
export function secretsOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const values = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value.length >= SHORTEST && SECRET_NAME.test(name) ? [value] : [],
  )
  return [...new Set(values)].sort((a, b) => b.length - a.length)
}

const MASK = '[redacted]'
const SHORTEST = 8
const NAME = 'passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential'
const SECRET_NAME = new RegExp(`${NAME}|^(?:.*_)?(?:KEY|PAT|DSN)$`, 'i')

const KEY_BEGINS = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/
const KEY_ENDS = /-----END [A-Z ]{0,30}PRIVATE KEY-----/

/** From the first line to the last of a private key, whatever signs of a diff stand before them. */
function withoutKeys(text: string): string {
  if (!KEY_BEGINS.test(text)) return text
  const kept: string[] = []
  let hidden: number | null = null
  for (const line of text.split('\n')) {
    if (hidden !== null && KEY_ENDS.test(line)) {
      if (hidden > 0) kept.push(`+${MASK} (${hidden} lines)`)
      hidden = null
    }
    if (hidden === null) kept.push(line)
    else hidden += 1
    if (hidden === null && KEY_BEGINS.test(line) && !KEY_ENDS.test(line)) hidden = 0
  }
  if (hidden !== null) kept.push(`+${MASK} (${hidden} lines)`)
  return kept.join('\n')
}

// All repetitions have an end: agents choose what is looked through.
const SHAPES: readonly RegExp[] = [
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\bgh[pousr]_[A-Za-z0-9]{30,}/g,
  /\bgithub_pat_\w{22,}/g,
  /\bglpat-[\w-]{20,}/g,
  /\bxox[abeoprs]-[\w-]{10,}/g,
  /\bsk-[\w-]{20,}/g,
  /\bAIza[\w-]{35}/g,
  /\bnpm_[A-Za-z0-9]{36}\b/g,
  /(?<![\w-])eyJ[\w-]{10,300}\.eyJ[\w-]{10,2000}\.[\w-]{10,}/g,
]
const IN_ADDRESS = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@]{0,100}:)[^\s/@]{1,200}@/gi
/** `DB_PASSWORD=…`, `"apiKey": "…"`: a value of one piece with a digit in it; calls and names of variables have none. */
const ASSIGNED = new RegExp(
  `((?:${NAME})[\\w.-]{0,40}["']?[ \\t]{0,10}[:=][ \\t]{0,10})(["']?)(?=[^\\s"']{0,200}\\d)[^\\s"'()\\[\\]]{${SHORTEST},}\\2`,
  'gi',
)
