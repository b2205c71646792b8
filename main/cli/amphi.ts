import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { makePrivateFolder, privateTempFolder } from '../api/localAddress.ts'

/** The command line's way in. Everything heavy is loaded by the commands that need it. */

process.exit(await main(process.argv.slice(2)))

async function main(args: readonly string[]): Promise<number> {
  cacheCompiledCode()
  const version = programVersion()
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`${version}\n`)
    return 0
  }
  // A reader that has seen enough (`amphi events | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
  })
  const { runProgram } = await import('./program.ts')
  const { stdin, stdout, stderr, env } = process
  try {
    return await runProgram(
      args.length === 0 ? ['--help'] : args,
      { env, cwd: process.cwd(), stdin, stdout, stderr },
      version,
    )
  } catch (error) {
    const { exitCodeOf, explainError } = await import('./errors.ts')
    stderr.write(`${explainError(error, env).join('\n')}\n`)
    return exitCodeOf(error)
  }
}

/** Code from the cache is run as it is, so it lies where only this user can write. */
function cacheCompiledCode(): void {
  try {
    const folder = privateTempFolder()
    makePrivateFolder(folder)
    enableCompileCache(join(folder, 'code'))
  } catch {
    // Only slower without.
  }
}

function programVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
