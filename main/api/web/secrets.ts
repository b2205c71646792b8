import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { WebError } from './webError.ts'

/** What lets a browser in. All of it follows from the token, which is made once for a data folder. */
export interface Secrets {
  /** In the address that is printed; whoever has it is let in. */
  readonly token: string
  /** Kept by the browser, sent with every request; to other ports of this machine, too. */
  readonly cookie: string
  /** Kept by the page where only its own address and port can read it; needed beside the cookie to say anything. */
  readonly key: string
}

const TOKEN_FILE = 'serve.token'
const TOKEN_BYTES = 32
/** 256 bits in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/**
 * The secrets of a data folder. The token outlives the program, so that an open page comes back after a restart.
 * Throws WebError for a token that others may read, or that is none.
 */
export function loadSecrets(dataDir: string): Secrets {
  const token = loadToken(join(dataDir, TOKEN_FILE))
  return { token, cookie: derive(token, 'cookie'), key: derive(token, 'key') }
}

/**
 * The token in a file, made where there is none: 256 bits in base64url, readable by this user only. Throws WebError for
 * one that others may read, or that is none.
 */
export function loadToken(file: string): string {
  return readToken(file) ?? makeToken(file)
}

function derive(token: string, what: string): string {
  return createHmac('sha256', token).update(`amphitheatre ${what}`).digest('base64url')
}

/** Undefined when there is none yet. */
export function readToken(file: string): string | undefined {
  let fd: number
  try {
    // Without waiting: a pipe in its place would keep the program from starting.
    fd = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw unsafe(file, code === 'ELOOP' ? 'is a link' : `cannot be read (${code})`, error)
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw unsafe(file, 'is not a file')
    if (process.platform !== 'win32') {
      if (stat.uid !== process.getuid?.()) throw unsafe(file, 'belongs to another user')
      if ((stat.mode & 0o077) !== 0) throw unsafe(file, 'can be read by other users of this machine')
    }
    const token = readFileSync(fd, 'utf8').trim()
    if (!TOKEN.test(token)) throw unsafe(file, 'does not hold a token')
    return token
  } finally {
    closeSync(fd)
  }
}

/** Of several processes that make one at once, the first wins and all use its token. */
function makeToken(file: string): string {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const draft = `${file}.${process.pid}`
  rmSync(draft, { force: true })
  const fd = openSync(draft, 'wx', 0o600)
  try {
    writeFileSync(fd, `${token}\n`)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  try {
    linkSync(draft, file)
    return token
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return readToken(file) ?? token
  } finally {
    rmSync(draft, { force: true })
  }
}

function unsafe(file: string, why: string, cause?: unknown): WebError {
  const remedy = 'Remove it: a new one is made, and browsers have to open the new address once.'
  return new WebError(`${file} ${why}, so it is not used.`, remedy, { cause })
}

/** Takes as long whatever is given. */
export function isSame(given: string | undefined, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given ?? ''), digest(secret))
}
