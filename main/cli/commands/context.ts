import { nearest } from '../../config/nearest.ts'
import { projectContext } from '../../context/project.ts'
import { withEngine, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { theProject } from '../talk/theProject.ts'
import { table } from '../view/table.ts'
import { visible } from '../view/text.ts'

export interface ContextOptions {
  readonly project?: string
  readonly rebuild?: boolean
}

/** `amphi context [FILE]`: the files as the state has them, whatever lies on the disk; `--rebuild` mends that. */
export async function context(
  around: Context,
  file: string | undefined,
  options: ContextOptions,
): Promise<ExitCode> {
  if (options.rebuild === true) return rebuild(around, options)
  return withReader(around, async (center) => {
    const { out } = around
    const state = await currentState(center)
    const project = theProject(state, around.cwd, options.project)
    const files = projectContext(state, project.id)
    if (file !== undefined) {
      const text = files.get(file) ?? missing(file, [...files.keys()])
      if (out.json) await out.object({ project: project.id, path: file, text })
      else await out.write(visible(text))
      return EXIT.done
    }
    const rows = [...files].map(([path, text]) => ({ path, bytes: Buffer.byteLength(text) }))
    if (out.json) for (const row of rows) await out.object({ project: project.id, ...row })
    else
      for (const line of table(
        [{ title: 'FILE' }, { title: 'BYTES', right: true }],
        rows.map(({ path, bytes }) => [path, String(bytes)]),
        out.style,
        out.columns(),
      ))
        await out.line(line)
    return EXIT.done
  })
}

function missing(file: string, paths: readonly string[]): never {
  const word = nearest(file, paths)
  throw new CliError(
    `The context has no file ${file}.`,
    word === undefined ? '`amphi context` lists them.' : `Did you mean ${word}?`,
  )
}

async function rebuild(around: Context, options: ContextOptions): Promise<ExitCode> {
  return withEngine(around, async ({ center }) => {
    const project = theProject(await currentState(center), around.cwd, options.project)
    const { files, written, removed } = await center.rebuildContext(project.id)
    if (around.out.json) await around.out.object({ ok: true, project: project.id, files, written, removed })
    else await around.out.line(`${files} files: ${written} written again, ${removed} removed`)
    return EXIT.done
  })
}
