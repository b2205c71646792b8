import { checkMachine } from '../../desk/checks.ts'
import { mendCheck } from '../../desk/mend.ts'
import type { Mark } from '../../domain/status.ts'
import type { Context } from '../context.ts'
import { explainError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { connect } from '../session.ts'
import { pad } from '../view/text.ts'

/** One thing that was looked at. */
interface Finding {
  readonly name: string
  /** `missing` is needed; `note` is worth knowing. */
  readonly status: 'ok' | 'missing' | 'note'
  readonly detail: string
  /** Empty where nothing is to be done. */
  readonly remedy: string
}

export interface DoctorOptions {
  readonly fix: boolean
}

const NAMES = {
  node: 'Node',
  git: 'git',
  docker: 'Docker',
  image: 'Agent image',
  runner: 'Runs use',
  data: 'Data folder',
  disk: 'Disk',
} as const

/** `amphi doctor`: is everything here that runs need, and what to do where not. */
export async function doctor(context: Context, options: DoctorOptions): Promise<ExitCode> {
  const { dataDir, out } = context
  if (options.fix) await mendAll(context)
  const findings: Finding[] = []
  for (const { id, status, detail, remedy, fix } of await checkMachine({ dataDir })) {
    const command = fix === null || fix.command.startsWith('amphi ') ? '' : ` Run: ${fix.command}`
    findings.push({ name: NAMES[id], status, detail, remedy: `${remedy}${command}`.trim() })
  }
  findings.push(await engineFinding(context))
  for (const finding of findings) {
    if (out.json) await out.object(finding)
    else await printFinding(context, finding)
  }
  return findings.some(({ status }) => status === 'missing') ? EXIT.failed : EXIT.done
}

/** What this user may do; the rest is told with its command. */
async function mendAll({ dataDir, env, out }: Context): Promise<void> {
  // Docker comes before what needs it.
  for (const id of ['git', 'docker', 'data', 'image'] as const) {
    const check = (await checkMachine({ dataDir })).find((one) => one.id === id)
    if (check === undefined || check.status === 'ok' || check.fix?.how !== 'run') continue
    out.note(`${check.fix.label}: ${check.fix.command}`)
    try {
      await mendCheck(check, dataDir, (line) => out.note(line))
    } catch (error) {
      // The rest may be mended all the same; what is still missing is told with the findings.
      for (const line of explainError(error, env)) out.note(line)
    }
  }
}

const MARK: Readonly<Record<Finding['status'], Mark>> = { ok: 'done', missing: 'failed', note: 'needs-you' }

async function printFinding({ out }: Context, { name, status, detail, remedy }: Finding): Promise<void> {
  await out.line(`${out.style.glyph(MARK[status])} ${pad(name, 12)} ${detail}`)
  if (remedy !== '') await out.line(`  ${' '.repeat(12)} ${remedy}`)
}

async function engineFinding(context: Context): Promise<Finding> {
  const name = 'Engine'
  const session = await connect(context)
  const ok = (detail: string): Finding => ({ name, status: 'ok', detail, remedy: '' })
  if (session === undefined) return ok('not running; it starts with the next run')
  try {
    const { engine, version, pid } = await session.center.health()
    if (engine.status === 'running') return ok(`${version} runs in process ${pid}`)
    return { name, status: 'missing', detail: `stalled: ${engine.reason}`, remedy: engine.remedy }
  } finally {
    await session.close()
  }
}
