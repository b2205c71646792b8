import { readFileSync } from 'node:fs'
import type { Project } from '../domain/project.ts'
import { formatProblem } from './problems.ts'
import { loadProjectText } from './project.ts'

/** For the tests of this folder. */

export function fixture(name: string): string {
  return readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')
}

/** The problems of a project text, as lines. */
export function problemsOf(text: string, env: Record<string, string> = {}): readonly string[] {
  const result = loadProjectText(text, { env, file: 'a.yaml' })
  return result.ok ? [] : result.problems.map(formatProblem)
}

export function load(text: string, env: Record<string, string> = {}): Project {
  const result = loadProjectText(text, { env, file: 'a.yaml' })
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result.project
}

/** A project with one epic of one phase whose tasks are these lines, each from column 11; the first is line 8. */
export function withTasks(...tasks: readonly string[]): string {
  const lines = tasks.map((task) => `          - ${task}\n`).join('')
  return `version: 1\nextends: amphitheatre-devops\nepics:\n  ship:\n    phases:\n      - name: One\n        tasks:\n${lines}`
}

/** The same with one good task and further fields of it. */
export function withTask(fields: string): string {
  return withTasks(`{id: a, agent: BuildMaster, run: x, ${fields}}`)
}
