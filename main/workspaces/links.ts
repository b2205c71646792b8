/** Where a symbolic link leads, followed on paper over the links of the same tree; the disk is never asked. */
export type LinkVerdict = 'inside' | 'outside'

const MAX_STEPS = 400

/**
 * `path` is the link's own path and `links` every link of the tree with its target. `outside` when the way leaves
 * the workspace at any point, is absolute, or leads into a `.git` folder. A link that goes in circles leads
 * nowhere and is `inside`. Plain lexical joining is not enough: `a/up/../x` with `a/up -> ..` climbs out.
 */
export function followLink(path: string, links: ReadonlyMap<string, string>): LinkVerdict {
  const at: string[] = path.split('/').slice(0, -1)
  const todo = split(links.get(path) ?? '')
  if (todo === undefined) return 'outside'
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const next = todo.shift()
    if (next === undefined) return 'inside'
    if (next === '' || next === '.') continue
    if (next === '..') {
      if (at.length === 0) return 'outside'
      at.pop()
      continue
    }
    if (next.toLowerCase() === '.git') return 'outside'
    const here = [...at, next].join('/')
    const target = links.get(here)
    if (target === undefined) {
      at.push(next)
      continue
    }
    const parts = split(target)
    if (parts === undefined) return 'outside'
    todo.unshift(...parts)
  }
  return 'inside'
}

/** Undefined for a path that starts at a root (also a Windows one). */
function split(target: string): string[] | undefined {
  if (target.startsWith('/') || target.startsWith('\\') || /^[A-Za-z]:/.test(target)) return undefined
  return target.split('/')
}

/** The links of a tree that leave it, sorted. */
export function escapingLinks(links: ReadonlyMap<string, string>): string[] {
  return [...links.keys()].filter((path) => followLink(path, links) === 'outside').sort()
}
