import { Readable } from 'node:stream'
import { assertNever } from '../domain/assertNever.ts'
import {
  type Measured,
  type Measurement,
  MOST_NAMED,
  MOST_REPORTS,
  type ReportRead,
} from '../domain/gates/gate.ts'
import type { GateReader, MeasureRequest } from '../engine/ports/gateReader.ts'
import type { FoundFiles, Workspaces } from '../engine/ports/workspaces.ts'
import { readCobertura } from './cobertura.ts'
import { readContents } from './contents.ts'
import { readJunit } from './junit.ts'
import { readLcov } from './lcov.ts'
import { type Report, UnreadableReport } from './report.ts'
import { readSarif } from './sarif.ts'
import { readTrivy } from './trivy.ts'

const MIB = 1024 * 1024

export interface ReadLimits {
  readonly maxFileBytes: number
  readonly maxTotalBytes: number
  readonly maxFiles: number
}

/** No report of a tool comes near; what does is no report. */
export const READ_LIMITS: ReadLimits = { maxFileBytes: 16 * MIB, maxTotalBytes: 64 * MIB, maxFiles: 500 }

type Files = Pick<Workspaces, 'readFiles' | 'putArtifact'>

/** Reads what is committed or was handed on; never a workspace. What it read as a report is kept, to be looked at. */
export function createGateReader(workspaces: Files, limits: ReadLimits = READ_LIMITS): GateReader {
  return {
    measure: async (request) => {
      const { condition } = request
      switch (condition.kind) {
        case 'files':
          return { found: await missingGlobs(workspaces, request, condition.globs), reports: [] }
        case 'absent':
          return { found: await unwanted(workspaces, request, condition.globs), reports: [] }
        case 'contains':
          return measureReports(workspaces, request, [condition.file], limits)
        case 'junit':
        case 'coverage':
        case 'sarif':
        case 'trivy':
          return measureReports(workspaces, request, condition.reports, limits)
        default:
          return assertNever(condition, 'unknown condition')
      }
    },
  }
}

function named(
  workspaces: Pick<Workspaces, 'readFiles'>,
  { condition: _, since: __, ...request }: MeasureRequest,
  globs: readonly string[],
  maxFiles: number,
): Promise<FoundFiles> {
  return workspaces.readFiles({ ...request, globs, content: null, maxFiles })
}

async function missingGlobs(
  workspaces: Pick<Workspaces, 'readFiles'>,
  request: MeasureRequest,
  globs: readonly string[],
): Promise<Measurement> {
  const missing: string[] = []
  for (const glob of globs)
    if ((await named(workspaces, request, [glob], 1)).files.length === 0) missing.push(glob)
  const more = Math.max(0, missing.length - MOST_NAMED)
  return { kind: 'paths', paths: missing.slice(0, MOST_NAMED), more }
}

async function unwanted(
  workspaces: Pick<Workspaces, 'readFiles'>,
  request: MeasureRequest,
  globs: readonly string[],
): Promise<Measurement> {
  const { files, more } = await named(workspaces, request, globs, MOST_NAMED)
  return { kind: 'paths', paths: files.map(({ path }) => path), more }
}

async function measureReports(
  workspaces: Files,
  { condition, since: began, ...request }: MeasureRequest,
  globs: readonly string[],
  { maxFileBytes, maxTotalBytes, maxFiles }: ReadLimits,
): Promise<Measured> {
  const content = { maxFileBytes, maxTotalBytes }
  const since = condition.kind === 'contains' ? null : began
  const { files, more, older } = await workspaces.readFiles({ ...request, since, globs, content, maxFiles })
  const read = files.flatMap(({ path, content: bytes }) => (bytes === null ? [] : [{ path, content: bytes }]))
  const reports: ReportRead[] = []
  for (const { path, content: bytes } of read.slice(0, MOST_REPORTS)) {
    const kept = await workspaces.putArtifact(request.project, Readable.from([bytes]), maxFileBytes)
    reports.push({ path, hash: kept.hash, bytes: bytes.length })
  }
  const unreadable = (text: string): Measured => ({ found: { kind: 'unreadable', text }, reports })
  if (files.length === 0 && older !== undefined)
    return unreadable(`${older} was there before the run, just as it is: nothing in the run has made it`)
  if (files.length === 0) return unreadable(`there is no report: nothing matches ${globs.join(', ')}`)
  if (more > 0) return unreadable(`more than ${maxFiles} files match ${globs.join(', ')}`)
  const large = files.find((file) => file.content === null)
  if (large !== undefined) return unreadable(`${large.path} is too large (${large.bytes} bytes)`)
  try {
    return { found: await measurementOf(condition, read), reports }
  } catch (error) {
    if (error instanceof UnreadableReport) return unreadable(error.message)
    throw error
  }
}

async function measurementOf(
  condition: MeasureRequest['condition'],
  reports: readonly Report[],
): Promise<Measurement> {
  switch (condition.kind) {
    case 'junit':
      return readJunit(reports)
    case 'coverage':
      return {
        kind: 'coverage',
        ...(await (condition.format === 'lcov' ? readLcov(reports) : readCobertura(reports))),
      }
    case 'sarif':
      return readSarif(reports)
    case 'trivy':
      return readTrivy(reports)
    case 'contains':
      return readContents(reports, condition)
    case 'files':
    case 'absent':
      throw new Error(`${condition.kind} is not about what is in files`)
    default:
      return assertNever(condition, 'unknown condition')
  }
}
