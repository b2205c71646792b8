import { delimiter, dirname, isAbsolute, join, sep } from 'node:path'
import type { AgentSpec } from '../../engine/ports/runner.ts'

/** Where an agent finds things on this machine. */
export interface AgentPlaces {
  readonly home: string
  readonly temporary: string
  /** The Node that agents are to find first. */
  readonly node: string
}

/** What Windows programs do not start without. */
const WINDOWS_NEEDS = ['SYSTEMROOT', 'WINDIR', 'COMSPEC', 'PATHEXT', 'SYSTEMDRIVE', 'PROGRAMFILES'] as const

/**
 * The whole environment of an agent, made from scratch: nothing of the engine's own but where programs are and the
 * language, so that no token of the person's leaks into it.
 */
export function agentEnvironment(
  spec: AgentSpec,
  places: AgentPlaces,
  marker: readonly [name: string, value: string],
  engine: NodeJS.ProcessEnv,
): Record<string, string> {
  const basics = {
    PATH: searchPath(places.node, engine, spec.door === null ? [] : [join(spec.door.folder, 'bin')]),
    LANG: engine.LANG ?? engine.LC_ALL ?? 'C.UTF-8',
    ...(spec.tty === null ? {} : { TERM: 'xterm-256color' }),
    // Nobody is there to turn the pages of a pager that a terminal brings up.
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    // Commits inside are the agent's own business; without a name git refuses to make any.
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: spec.agent,
    GIT_AUTHOR_EMAIL: 'agent@amphitheatre.invalid',
    GIT_COMMITTER_NAME: spec.agent,
    GIT_COMMITTER_EMAIL: 'agent@amphitheatre.invalid',
  }
  const own = {
    HOME: places.home,
    TMPDIR: places.temporary,
    AMPHITHEATRE_OUTPUT: `${spec.exchange}${sep}output`,
    AMPHITHEATRE_TASK: spec.task,
    AMPHITHEATRE_RUN: spec.run,
    AMPHITHEATRE_AGENT: spec.agent,
    AMPHITHEATRE_ATTEMPT: spec.attempt,
    [marker[0]]: marker[1],
  }
  const windows = process.platform === 'win32' ? windowsEnvironment(places, engine) : {}
  return { ...windows, ...basics, ...spec.env, ...spec.door?.env, ...own }
}

/**
 * Node's own folder first, so that `node` is the one the program brings. Then the engine's folders, but for those npm
 * puts in front for its own scripts: what the program is built with is no business of an agent. `last` are looked into
 * when nothing else has it.
 */
export function searchPath(node: string, engine: NodeJS.ProcessEnv, last: readonly string[] = []): string {
  const given = (engine.PATH ?? engine['Path'] ?? '').split(delimiter)
  const usual = process.platform === 'win32' ? [] : ['/usr/local/bin', '/usr/bin', '/bin']
  const isNpms = (folder: string): boolean =>
    /[/\\](?:node_modules[/\\]\.bin|node-gyp-bin)[/\\]?$/.test(folder)
  const folders = [
    dirname(node),
    ...given.filter((folder) => isAbsolute(folder) && !isNpms(folder)),
    ...usual,
    ...last,
  ]
  return [...new Set(folders)].join(delimiter)
}

function windowsEnvironment(places: AgentPlaces, engine: NodeJS.ProcessEnv): Record<string, string> {
  const kept = WINDOWS_NEEDS.flatMap((name) => {
    const value = engine[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const { home, temporary } = places
  return { ...Object.fromEntries(kept), TEMP: temporary, TMP: temporary, USERPROFILE: home }
}
