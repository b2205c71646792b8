import { spawn } from 'node:child_process'

/** A statement that the database refused: its words, and the code of its kind (`23502`). */
export class StatementError extends Error {
  readonly code: string
  constructor(message: string, code: string) {
    super(message)
    this.name = 'StatementError'
    this.code = code
  }
}

/**
 * Runs SQL by PostgreSQL's own client, in one transaction, and resolves to what its last statement gives, a JSON value
 * or nothing. Where the database is and who asks stands in the environment (PGHOST …). Values go beside the SQL, as
 * `:'name'`, which psql quotes; they reach it by its environment, so none is ever part of the text.
 */
export function query(sql: string, values: Readonly<Record<string, string | number>> = {}): Promise<unknown> {
  const names = Object.keys(values)
  const env = Object.fromEntries(names.map((name) => [`VALUE_${name}`, String(values[name])]))
  const script = [...names.map((name) => `\\getenv ${name} VALUE_${name}`), sql].join('\n')
  return new Promise((resolve, reject) => {
    const psql = spawn('psql', ['-XqAt1f', '-', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose'], {
      env: { ...process.env, ...env },
    })
    let [said, refused] = ['', '']
    psql.stdout.on('data', (data: Buffer) => {
      said += data.toString()
    })
    psql.stderr.on('data', (data: Buffer) => {
      refused += data.toString()
    })
    psql.on('error', reject)
    psql.on('close', (code) => {
      if (code !== 0) reject(statementError(refused))
      else resolve(said.trim() === '' ? null : JSON.parse(said))
    })
    psql.stdin.on('error', () => undefined)
    psql.stdin.end(script)
  })
}

/** `psql:<stdin>:3: ERROR:  23502: null value in column …` */
function statementError(words: string): StatementError {
  const [, code = '', message = words.trim()] = /(?:ERROR|FATAL): +(\w{5}): (.*)/.exec(words) ?? []
  return new StatementError(message, code)
}
