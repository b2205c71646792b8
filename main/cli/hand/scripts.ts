import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'

/** `amphi scripts install [FOLDER]`: the agent-*.sh scripts, each a command of this program under another name. */

const SCRIPTS = join(import.meta.dirname, '../../../resources/scripts')
const AMPHI = join(import.meta.dirname, '../../../amphi')

export async function install(
  context: Context,
  folder: string | undefined,
  options: { readonly force?: boolean },
): Promise<ExitCode> {
  const target = resolve(context.cwd, folder ?? 'scripts')
  const wanted = readdirSync(SCRIPTS).map((name) => [join(target, name), textOf(name)] as const)
  const strange = wanted.find(([file, text]) => existsSync(file) && readFileSync(file, 'utf8') !== text)
  if (strange !== undefined && options.force !== true)
    throw new CliError(
      `${strange[0]} is there already and is another.`,
      'Take it away, or write over it with --force.',
    )
  mkdirSync(target, { recursive: true })
  for (const [file, text] of wanted) {
    writeFileSync(file, text)
    chmodSync(file, 0o755)
  }
  const shown = relative(context.cwd, target) || '.'
  if (context.out.json) await context.out.object({ ok: true, folder: target, scripts: wanted.length })
  else
    await context.out.line(
      `${wanted.length} scripts in ${shown}. Begin with ${shown}/agent-register.sh --help`,
    )
  return EXIT.done
}

/** They find this program where it is now, or another by AMPHI. */
function textOf(name: string): string {
  const path = AMPHI.replaceAll(/["$`\\}]/g, (character) => `\\${character}`)
  return readFileSync(join(SCRIPTS, name), 'utf8').replace('${AMPHI:-amphi}', () => `\${AMPHI:-${path}}`)
}
