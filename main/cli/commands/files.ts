import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import {
  formatProblem,
  initTemplate,
  nameFromFolder,
  PROJECT_FILE_NAMES,
  validateFiles,
} from '../../config/index.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'

/** `amphi init`, `amphi validate FILE…` */

export interface InitOptions {
  readonly project?: string
}

export async function init(context: Context, options: InitOptions): Promise<ExitCode> {
  const folder = resolve(context.cwd, options.project ?? '.')
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new CliError(`${folder} is not a folder.`)
  }
  const there = PROJECT_FILE_NAMES.map((name) => join(folder, name)).find((file) => existsSync(file))
  if (there !== undefined) throw new CliError(`${there} is there already.`, 'Nothing was changed.')
  const file = join(folder, PROJECT_FILE_NAMES[0])
  // 'wx': never over a file that came in the meantime.
  writeFileSync(file, firstFile(nameFromFolder(folder)), { flag: 'wx' })
  const shown = relative(context.cwd, file) || file
  if (context.out.json) await context.out.object({ ok: true, file })
  else await context.out.line(`${shown} written. Next: amphi validate ${shown}, then amphi run first`)
  return EXIT.done
}

/** Without the line that names the schema: the file is shared, and where this program lies is this machine's affair. */
function firstFile(name: string): string {
  return initTemplate(name).replace(/^# yaml-language-server:.*\n/, '')
}

export async function validate(context: Context, files: readonly string[]): Promise<ExitCode> {
  const { out } = context
  const reports = validateFiles(files, { env: context.env })
  for (const report of reports) {
    if (out.json) await out.object({ ...report, ok: report.problems.length === 0 })
    else await printReport(context, report)
  }
  return reports.every((report) => report.problems.length === 0) ? EXIT.done : EXIT.badInput
}

async function printReport(
  context: Context,
  report: ReturnType<typeof validateFiles>[number],
): Promise<void> {
  const { out } = context
  const { style } = out
  for (const problem of report.problems) await out.line(formatProblem(problem))
  for (const warning of report.warnings) await out.line(`${formatProblem(warning)} (warning)`)
  if (report.problems.length === 0) await out.line(`${style.glyph('done')} ${report.file}: ${report.summary}`)
}
