import { type HandoffDocument, handoffDocumentSchema } from './handoff.ts'

/** The framework's hand-off template, read: the counterpart of `handoffMarkdown`. */

export type ParsedHandoff =
  | { readonly ok: true; readonly document: HandoffDocument; readonly from: string | null }
  | {
      readonly ok: false
      /** From 1. */
      readonly line: number
      readonly reason: string
      readonly remedy: string
    }

const SECTIONS = {
  'completed work': 'completed',
  artifacts: 'artifacts',
  'known issues': 'knownIssues',
  dependencies: 'dependencies',
  'success criteria': 'successCriteria',
  notes: 'notes',
} as const
type Section = (typeof SECTIONS)[keyof typeof SECTIONS]

interface Line {
  readonly number: number
  readonly text: string
}

/** Where the text goes wrong; caught by `parseHandoff`. */
class Misplaced extends Error {
  readonly line: number
  readonly remedy: string
  constructor(line: number, reason: string, remedy: string) {
    super(reason)
    this.line = line
    this.remedy = remedy
  }
}

export function parseHandoff(text: string): ParsedHandoff {
  try {
    return { ok: true, ...read(text.replaceAll('\r\n', '\n').split('\n')) }
  } catch (error) {
    if (!(error instanceof Misplaced)) throw error
    return { ok: false, line: error.line, reason: error.message, remedy: error.remedy }
  }
}

function read(lines: readonly string[]): {
  readonly document: HandoffDocument
  readonly from: string | null
} {
  const head = readHead(lines)
  const sections = readSections(lines)
  const list = (section: Section): readonly string[] => items(sections.get(section)?.lines ?? [])
  const document = {
    title: head.title,
    to: head.to,
    completed: list('completed'),
    artifacts: artifacts(sections.get('artifacts')?.lines ?? []),
    knownIssues: list('knownIssues'),
    dependencies: list('dependencies'),
    successCriteria: list('successCriteria'),
    notes: notes(sections.get('notes')?.lines ?? []),
  }
  const parsed = handoffDocumentSchema.safeParse(document)
  if (parsed.success) return { document: parsed.data, from: head.from }
  const [issue] = parsed.error.issues
  const section = String(issue!.path[0])
  const line = sections.get(section as Section)?.number ?? 1
  throw new Misplaced(line, `${issue!.path.join('.')}: ${issue!.message}`, 'Shorten it, or publish a file.')
}

function readHead(lines: readonly string[]): {
  readonly title: string
  readonly to: string
  readonly from: string | null
} {
  const at = lines.findIndex((line) => /^#\s/.test(line))
  const title = /^#\s+Task Hand-?off:\s*(.*)$/i.exec(lines[at] ?? '')?.[1]?.trim()
  if (title === undefined || title === '')
    throw new Misplaced(Math.max(1, at + 1), 'it has no title', 'Begin with "# Task Handoff: <what it is>".')
  const to = headLine(lines, 'To')
  if (to === null)
    throw new Misplaced(at + 1, 'it does not say who gets it', 'Add "## To: <agent, task or role>".')
  filled({ number: at + 1, text: title })
  return { title, to, from: headLine(lines, 'From') }
}

/** Null where the line is missing or empty. */
function headLine(lines: readonly string[], name: string): string | null {
  const pattern = new RegExp(`^##\\s+${name}:\\s*(.*)$`, 'i')
  const at = lines.findIndex((line) => pattern.test(line))
  const value = pattern.exec(lines[at] ?? '')?.[1]?.trim() ?? ''
  if (value === '') return null
  filled({ number: at + 1, text: value })
  return value
}

interface Found {
  /** Of its heading. */
  readonly number: number
  readonly lines: Line[]
}

/** Notes come last and may hold headings of their own. */
function readSections(lines: readonly string[]): ReadonlyMap<Section, Found> {
  const sections = new Map<Section, Found>()
  let current: Found | undefined
  let inNotes = false
  lines.forEach((text, i) => {
    const heading = /^###\s+(.+?)\s*$/.exec(text)?.[1]
    const key = heading?.toLowerCase() ?? ''
    const section = Object.hasOwn(SECTIONS, key) ? SECTIONS[key as keyof typeof SECTIONS] : undefined
    if (heading === undefined || (inNotes && section === undefined)) {
      current?.lines.push({ number: i + 1, text })
      return
    }
    if (section === undefined) {
      const known = 'Completed Work, Artifacts, Known Issues, Dependencies, Success Criteria, Notes'
      throw new Misplaced(
        i + 1,
        `there is no section "${heading.slice(0, 60)}"`,
        `The sections are: ${known}.`,
      )
    }
    if (sections.has(section)) throw new Misplaced(i + 1, `"${heading}" comes twice`, 'Make them one.')
    current = { number: i + 1, lines: [] }
    sections.set(section, current)
    inNotes = section === 'notes'
  })
  return sections
}

/** List items; a line that is none goes on with the one before, or after an empty line is one of its own. */
function items(lines: readonly Line[]): readonly string[] {
  const found: string[] = []
  let open = false
  for (const line of lines) {
    const item = /^\s*[-*+]\s+(.*)$/.exec(line.text)?.[1]?.trim()
    const text = item ?? line.text.trim()
    if (text === '') {
      open = false
      continue
    }
    filled({ number: line.number, text })
    if (item === undefined && open) found[found.length - 1] += `\n${text}`
    else found.push(text)
    open = true
  }
  return found
}

type ArtifactFields = { path?: string; type?: string; status?: string; hash?: string; number: number }

function artifacts(lines: readonly Line[]): readonly unknown[] {
  const found: ArtifactFields[] = []
  for (const { number, text } of lines) {
    const trimmed = text.trim()
    if (trimmed === '' || /^[-*+]\s+none\.?$/i.test(trimmed)) continue
    const [, name, value] = /^(?:[-*+]\s+)?(Path|Type|Status|SHA-256):\s*(.+)$/i.exec(trimmed) ?? []
    if (name === undefined || value === undefined)
      throw new Misplaced(
        number,
        'that says nothing about an artifact',
        'Write Path, Type and Status for each.',
      )
    filled({ number, text: value })
    if (name.toLowerCase() === 'path') {
      found.push({ path: value, number })
      continue
    }
    const last = found.at(-1)
    if (last === undefined)
      throw new Misplaced(number, `${name} comes before a Path`, 'Begin each with its Path.')
    const key = name.toLowerCase() === 'sha-256' ? 'hash' : (name.toLowerCase() as 'type' | 'status')
    if (last[key] !== undefined)
      throw new Misplaced(number, `${name} comes twice`, 'Begin each with its Path.')
    last[key] = value.toLowerCase()
  }
  return found.map(artifact)
}

function artifact({
  path,
  type = 'document',
  status = 'final',
  hash = null,
  number,
}: {
  readonly path?: string
  readonly type?: string
  readonly status?: string
  readonly hash?: string | null
  readonly number: number
}): unknown {
  const kind = type === 'doc' ? 'document' : type
  if (!['code', 'config', 'document'].includes(kind))
    throw new Misplaced(number, 'its Type is none of code, config, doc', 'Write one of them.')
  if (status !== 'final' && status !== 'draft')
    throw new Misplaced(number, 'its Status is neither final nor draft', 'Write one of them.')
  if (hash !== null && !/^[0-9a-f]{64}$/.test(hash))
    throw new Misplaced(
      number,
      'its SHA-256 has not 64 hex digits',
      'Leave it out to name a file of the workspace.',
    )
  return { path, type: kind, status, hash, bytes: null }
}

function notes(lines: readonly Line[]): string {
  const text = lines
    .map((line) => line.text)
    .join('\n')
    .trim()
  if (text !== '') filled({ number: lines[0]!.number, text })
  return text
}

/** A template that nobody filled in is no hand-off. */
function filled({ number, text }: Line): void {
  if (/^\[[^\]]*\]$/.test(text))
    throw new Misplaced(number, 'that is still the text of the template', 'Fill it in, or write "none".')
}
