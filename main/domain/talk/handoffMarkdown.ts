import type { Handoff } from './handoff.ts'

/** The framework's hand-off template, filled in. `name` gives a task's name; times are ISO 8601. */
export function handoffMarkdown(handoff: Handoff, name: (task: number) => string): string {
  const { document } = handoff
  const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n') || '- none'
  const artifacts = document.artifacts
    .map(({ path, type, status, hash }) => {
      const lines = [
        `- Path: ${path}`,
        `- Type: ${type === 'document' ? 'doc' : type}`,
        `- Status: ${status}`,
      ]
      return [...lines, ...(hash === null ? [] : [`- SHA-256: ${hash}`])].join('\n')
    })
    .join('\n\n')
  return [
    `# Task Handoff: ${document.title}`,
    '',
    `## From: ${name(handoff.from)}`,
    `## To: ${name(handoff.to)}`,
    `## Date: ${new Date(handoff.initiatedAt).toISOString()}`,
    '',
    section('Completed Work', list(document.completed)),
    section('Artifacts', artifacts || '- none'),
    section('Known Issues', list(document.knownIssues)),
    section('Dependencies', list(document.dependencies)),
    section('Success Criteria', list(document.successCriteria)),
    section('Notes', document.notes),
  ].join('\n')
}

function section(title: string, body: string): string {
  return `### ${title}\n${body}\n`
}
