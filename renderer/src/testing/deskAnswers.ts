import type { Check, Folder, ProjectView } from '../../../preload/contract.ts'
import { ship } from './scenarios.ts'

/** What the desk answers for the engine inside the page: one project, a machine that lacks the image. */

export const CHECKS: readonly Check[] = [
  { id: 'git', status: 'ok', detail: '2.39.5', remedy: '', fix: null },
  { id: 'docker', status: 'ok', detail: '28.2', remedy: '', fix: null },
  {
    id: 'image',
    status: 'missing',
    detail: 'amphitheatre/agent is not on this machine',
    remedy: 'It is built here; that takes about a minute.',
    fix: { how: 'run', label: 'Build it', command: 'amphi doctor --fix' },
  },
  {
    id: 'disk',
    status: 'note',
    detail: '900 MB free',
    remedy: 'Free some: clones are kept here.',
    fix: null,
  },
]

export function projectAt(path: string): ProjectView {
  const known = path.endsWith('bookshelf')
  return {
    root: path,
    name: path.split('/').at(-1) ?? path,
    id: null,
    file: known ? `${path}/amphitheatre.yaml` : null,
    runner: 'docker',
    repository: known ? { branch: 'main' } : null,
    epics: known
      ? [
          {
            id: 'ship',
            title: ship.title,
            tasks: ship.tasks.length,
            phases: ship.phases.map(({ name }) => name),
          },
          {
            id: 'optimize-database',
            title: 'Optimize the database',
            tasks: 12,
            phases: ['Analyse', 'Change', 'Prove'],
          },
        ]
      : [],
    roles: ship.roles.map(({ name, title, tier, skills }) => ({ name, title, tier, skills })),
    problems: known
      ? []
      : ['This folder is not a git repository.\nMake it one: git init && git add -A && git commit'],
    warnings: [],
  }
}

export function folderAt(path: string | null): Folder {
  const at = path ?? '/home/ann'
  const entries = ['bookshelf', 'documents', 'storefront', 'notes'].map((name) => ({
    name,
    repository: name === 'bookshelf' || name === 'storefront',
    project: name === 'bookshelf',
  }))
  return {
    path: at,
    parent: at === '/' ? null : at.replace(/\/[^/]+$/, '') || '/',
    entries,
    truncated: false,
  }
}
