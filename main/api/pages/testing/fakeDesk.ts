import type { Check, Folder, ProjectView } from '../../../../preload/contract.ts'
import { type Desk, DeskError } from '../../../desk/desk.ts'
import type { RunId } from '../../../domain/ids.ts'

/** A desk of the tests: every call is written down, its answer made up from what was asked. */
export interface FakeDesk extends Desk {
  readonly asked: readonly [string, unknown][]
}

const CHECK: Check = { id: 'git', status: 'ok', detail: '2.39.5', remedy: '', fix: null }

export function fakeDesk(): FakeDesk {
  const asked: [string, unknown][] = []
  const note = (name: string, what: unknown): void => {
    asked.push([name, what])
  }
  return {
    asked,
    checks: async () => [CHECK],
    async mend(check, onProgress) {
      note('mend', check)
      onProgress('step 1')
      onProgress('step 2')
      return { ...CHECK, id: check }
    },
    async browse(path): Promise<Folder> {
      note('browse', path)
      if (path === '/secret') throw new DeskError('/secret cannot be read.', 'Choose another folder.')
      return { path: path ?? '/home/ann', parent: '/', entries: [], truncated: false }
    },
    async project(_, path) {
      note('project', path)
      return view(path)
    },
    async init(_, path) {
      note('init', path)
      return view(path)
    },
    async start(_, request, onProgress) {
      note('start', request)
      onProgress('building')
      return { ok: true, run: 'r1' as RunId }
    },
    async spawn(_, request) {
      note('spawn', request)
      return { ok: false, problems: ['no'] }
    },
  }
}

function view(root: string): ProjectView {
  return {
    root,
    name: 'p',
    id: null,
    file: null,
    runner: 'docker',
    repository: null,
    epics: [],
    roles: [],
    problems: [],
    warnings: [],
  }
}
