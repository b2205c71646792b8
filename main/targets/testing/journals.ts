import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The journals of the actions of a data folder, as its program writes them, a line each. Asked while the program goes
 * on: an action that is over takes its folder along, at whatever moment.
 */
export function journals(dataDir: string): readonly (readonly string[])[] {
  const root = join(dataDir, 'targets/actions')
  if (!existsSync(root)) return []
  return readdirSync(root).flatMap((name) => {
    const text = unlessGone(() => readFileSync(join(root, name, 'journal.jsonl'), 'utf8'))
    return text === undefined ? [] : [text.split('\n').slice(0, -1)]
  })
}

/** How many lines they have. */
export function journaled(dataDir: string): number {
  return journals(dataDir).reduce((sum, lines) => sum + lines.length, 0)
}

function unlessGone(read: () => string): string | undefined {
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
