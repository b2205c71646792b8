import type { Command, Option } from 'commander'

/** Completion scripts, made from the commands themselves so that they cannot differ from them. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

interface CommandWords {
  readonly name: string
  readonly about: string
  /** Of a group, those of all its commands. */
  readonly options: readonly Option[]
  /** The commands of a group; none of any other command. */
  readonly verbs: readonly string[]
  /** Takes file names. */
  readonly files: boolean
}

export function completionScript(program: Command, shell: Shell): string {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    about: command.summary() || command.description(),
    options: optionsOf(command),
    verbs: command.commands.map((verb) => verb.name()),
    files: command.registeredArguments.some((argument) => /file|path/i.test(argument.name())),
  }))
  switch (shell) {
    case 'bash':
      return bash(commands)
    case 'zsh':
      return zsh(commands)
    case 'fish':
      return fish(commands)
  }
}

function optionsOf(command: Command): readonly Option[] {
  const all = [command, ...command.commands].flatMap(({ options }) => options)
  return all.filter((option, i) => all.findIndex(({ long }) => long === option.long) === i)
}

function words(option: Option): readonly string[] {
  return [option.short, option.long].filter((word) => word !== undefined)
}

function choicesOf(command: CommandWords): readonly Option[] {
  return command.options.filter((option) => option.argChoices !== undefined)
}

function bash(commands: readonly CommandWords[]): string {
  const cases = commands.map((command) => {
    const flags = [...command.verbs, ...command.options.flatMap(words)].join(' ')
    return `    ${command.name}) words="${flags} --help"${command.files ? '; files=1' : ''} ;;`
  })
  const values = [...new Set(commands.flatMap(choicesOf).map(valueCase))]
  return `# bash completion for amphi: eval "$(amphi completion bash)"
_amphi() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words= files=
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map((command) => command.name).join(' ')} --help --version" -- "$cur"))
    return
  fi
  case $prev in
${values.join('\n')}
    --data|--project) COMPREPLY=($(compgen -d -- "$cur")); return ;;
  esac
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  if [ -n "$files" ] && [ "\${cur#-}" = "$cur" ]; then
    COMPREPLY=($(compgen -f -- "$cur"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  fi
}
complete -F _amphi amphi
`
}

function valueCase(option: Option): string {
  const choices = option.argChoices!.join(' ')
  return `    ${words(option).join('|')}) COMPREPLY=($(compgen -W "${choices}" -- "$cur")); return ;;`
}

function zsh(commands: readonly CommandWords[]): string {
  const list = commands.map((command) => `    '${command.name}:${quoted(command.about)}'`)
  const cases = commands.map((command) => {
    const specs = command.options.flatMap((option) =>
      words(option).map(
        (word) => `'${word}[${quoted(option.description).replaceAll(/[[\]]/g, '')}]${zshValue(option)}'`,
      ),
    )
    const verbs = command.verbs.length === 0 ? '' : ` '1:command:(${command.verbs.join(' ')})'`
    const rest = command.files ? `${verbs} '*:file:_files'` : verbs
    return `    ${command.name}) _arguments ${specs.join(' ')}${rest} ;;`
  })
  return `#compdef amphi
# zsh completion for amphi: eval "$(amphi completion zsh)"
_amphi() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
compdef _amphi amphi
`
}

function zshValue(option: Option): string {
  if (option.argChoices !== undefined) return `:value:(${option.argChoices.join(' ')})`
  if (option.long === '--data' || option.long === '--project') return ':folder:_files -/'
  return option.required ? ':value:' : ''
}

function fish(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap((command) => {
    const when = `-n '__fish_seen_subcommand_from ${command.name}'`
    const name = `complete -c amphi -n __fish_use_subcommand -a ${command.name} -d '${quoted(command.about)}'`
    const options = command.options.map((option) => {
      const short = option.short === undefined ? '' : ` -s ${option.short.slice(1)}`
      return `complete -c amphi ${when} -l ${option.long!.slice(2)}${short} -d '${quoted(option.description)}'${fishValue(option)}`
    })
    const verbs = command.verbs.map((verb) => `complete -c amphi ${when} -a ${verb}`)
    return [name, ...verbs, ...options, ...(command.files ? [`complete -c amphi ${when} -F`] : [])]
  })
  return `# fish completion for amphi: amphi completion fish | source
complete -c amphi -f
${lines.join('\n')}
`
}

function fishValue(option: Option): string {
  if (option.argChoices !== undefined) return ` -x -a '${option.argChoices.join(' ')}'`
  if (option.long === '--data' || option.long === '--project') return " -x -a '(__fish_complete_directories)'"
  return option.required ? ' -x' : ''
}

/** Inside single quotes of any of the shells. */
function quoted(text: string): string {
  return text.replaceAll("'", '’').replaceAll(':', ' -')
}
