import { join } from 'node:path'
import type { Command } from 'commander'
import { buildProgram } from './program.ts'

export const COMMANDS_PAGE = join(import.meta.dirname, '../../docs/commands.md')

const HEAD = `# Commands

Each verb of \`amphi\`, as its \`--help\` says it, which has the options and an example. All take \`--json\` (one object a
line) and \`--data\`. Exit codes: 0 done, 1 a task failed, 2 bad input or configuration, 3 needs a person, 130 interrupted.
Written by \`npm run commands\`.

| command | what it does |
|---|---|
`

/** docs/commands.md, as the program has it. */
export function commandsPage(): string {
  const { stdin, stdout, stderr } = process
  const program = buildProgram({ env: {}, cwd: '/', stdin, stdout, stderr }, '0', () => undefined)
  return `${HEAD}${rows(program, 'amphi').join('')}`
}

function rows(parent: Command, path: string): readonly string[] {
  return parent.commands.flatMap((command) => {
    const name = `${path} ${command.name()}`
    if (command.commands.length > 0) return rows(command, name)
    const words = command.registeredArguments.map((argument) => {
      const word = `${argument.name()}${argument.variadic ? '...' : ''}`
      return argument.required ? `<${word}>` : `[${word}]`
    })
    return [`| \`${[name, ...words].join(' ').replaceAll('|', '\\|')}\` | ${command.description()} |\n`]
  })
}
