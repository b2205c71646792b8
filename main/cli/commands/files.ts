import { relative, resolve } from 'node:path'
import { formatProblem, validateFiles } from '../../config/index.ts'
import { writeProjectFile } from '../../desk/projects.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'

/** `amphi init`, `amphi validate FILE…` */

export interface InitOptions {
  readonly project?: string
}

export async function init(context: Context, options: InitOptions): Promise<ExitCode> {
  const file = writeProjectFile(resolve(context.cwd, options.project ?? '.'))
  const shown = relative(context.cwd, file) || file
  if (context.out.json) await context.out.object({ ok: true, file })
  else await context.out.line(`${shown} written. Next: amphi validate ${shown}, then amphi run first`)
  return EXIT.done
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
