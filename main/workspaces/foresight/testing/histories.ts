/** Histories for tests and benchmarks: files in memory, changed step by step, written to git as one stream. */
export type Files = ReadonlyMap<string, string>

export const STEPS = ['edit', 'add', 'delete', 'rename', 'move', 'replace'] as const

/** One write of somebody at work. The numbers choose among what there is; any numbers make a step. */
export interface Step {
  readonly kind: (typeof STEPS)[number]
  /** Which file. */
  readonly at: number
  /** Which line, name or folder. */
  readonly where: number
  /** What is written. */
  readonly text: string
}

/** `edit` a line, `add` a file, `delete` or `rename` one, `move` a whole folder, `replace` a file by a folder or back. */
export function afterStep(files: Files, { kind, at, where, text }: Step): Files {
  const paths = [...files.keys()].sort()
  const path = paths[at % Math.max(1, paths.length)]
  if (kind === 'add' || path === undefined) return withFile(files, nameFrom(paths, at, where), text)
  const content = files.get(path)!
  switch (kind) {
    case 'edit': {
      const lines = content.split('\n')
      lines[where % lines.length] = text
      return withFile(files, path, lines.join('\n'))
    }
    case 'delete':
      return without(files, path)
    case 'rename':
      return withFile(without(files, path), nameFrom(paths, where, at), content)
    case 'move':
      return moved(files, folderOf(path), `moved${where % 3}`)
    case 'replace':
      return where % 2 === 0
        ? withFile(without(files, path), `${path}/inner`, content)
        : withFile(files, folderOf(path) || 'top', text)
  }
}

/** A file may not stand where a folder is: what is in its way goes. */
function withFile(files: Files, path: string, content: string): Files {
  const next = new Map(
    [...files].filter(([other]) => !other.startsWith(`${path}/`) && !path.startsWith(`${other}/`)),
  )
  return next.set(path, content)
}

function without(files: Files, path: string): Files {
  return new Map([...files].filter(([other]) => other !== path))
}

function moved(files: Files, from: string, to: string): Files {
  let next: Files = files
  for (const [path, content] of files) {
    if (from !== '' && !path.startsWith(`${from}/`)) continue
    if (from === '' && path.includes('/')) continue
    next = withFile(without(next, path), `${to}/${path.slice(from === '' ? 0 : from.length + 1)}`, content)
  }
  return next
}

function nameFrom(paths: readonly string[], folder: number, name: number): string {
  const folders = [...new Set(['', ...paths.map(folderOf)])]
  const chosen = folders[folder % folders.length]!
  return chosen === '' ? `n${name % 5}` : `${chosen}/n${name % 5}`
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** For `git fast-import`: commits with whole trees. */
export class HistoryStream {
  readonly #parts: string[] = []
  #marks = 0

  /** The mark of the new commit, to be used as a parent. */
  commit(branch: string, files: Files, parents: readonly number[], time = 1_700_000_000): number {
    const mark = ++this.#marks
    const [first, ...others] = parents
    this.#parts.push(
      `commit refs/heads/${branch}\nmark :${mark}\n`,
      `author A <a@example.com> ${time} +0000\ncommitter A <a@example.com> ${time} +0000\ndata 4\nwork\n`,
      first === undefined ? '' : `from :${first}\n`,
      ...others.map((parent) => `merge :${parent}\n`),
      'deleteall\n',
      ...[...files].map(
        ([path, content]) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(content)}\n${content}\n`,
      ),
      '\n',
    )
    return mark
  }

  /** Starts a branch without a parent. */
  root(branch: string, files: Files, time?: number): number {
    this.#parts.push(`reset refs/heads/${branch}\n`)
    return this.commit(branch, files, [], time)
  }

  toString(): string {
    return `${this.#parts.join('')}done\n`
  }
}
