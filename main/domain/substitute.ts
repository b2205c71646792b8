/** `${tasks.<task>.outputs.<name>}` in a task's command. */
const REFERENCE = /\$\{tasks\.([A-Za-z0-9][A-Za-z0-9_.-]*?)\.outputs\.([A-Za-z_][A-Za-z0-9_-]*)\}/g

export interface OutputReference {
  readonly task: string
  readonly name: string
}

export function outputReferences(command: string): readonly OutputReference[] {
  return [...command.matchAll(REFERENCE)].map((match) => ({ task: match[1]!, name: match[2]! }))
}

export type Substituted =
  | { readonly ok: true; readonly command: string; readonly env: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly missing: OutputReference }

/**
 * Puts outputs into a command as environment variables, quoted for where they stand: an output is data and is
 * never parsed as shell, whatever an agent wrote into it.
 */
export function substituteOutputs(
  command: string,
  lookup: (reference: OutputReference) => string | undefined,
): Substituted {
  const env: Record<string, string> = {}
  let result = ''
  let at = 0
  let quote: Quote = 'none'
  for (const match of command.matchAll(REFERENCE)) {
    const reference = { task: match[1]!, name: match[2]! }
    const value = lookup(reference)
    if (value === undefined) return { ok: false, missing: reference }
    const before = command.slice(at, match.index)
    quote = quoteAfter(before, quote)
    const variable = `AMPHITHEATRE_OUTPUT_${Object.keys(env).length + 1}`
    env[variable] = value
    result += before + quoted(variable, quote)
    at = match.index + match[0].length
  }
  return { ok: true, command: result + command.slice(at), env }
}

/** Puts outputs into a text that no shell ever sees. */
export function substituteWords(text: string, lookup: (reference: OutputReference) => string): string {
  return text.replaceAll(REFERENCE, (_, task: string, name: string) => lookup({ task, name }))
}

type Quote = 'none' | 'single' | 'double'

function quoted(variable: string, quote: Quote): string {
  switch (quote) {
    case 'single':
      return `'"\${${variable}}"'`
    case 'double':
      return `\${${variable}}`
    case 'none':
      return `"\${${variable}}"`
  }
}

/** Where the shell's quoting stands after `text`. */
function quoteAfter(text: string, start: Quote): Quote {
  let quote = start
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (quote === 'single') {
      if (char === "'") quote = 'none'
    } else if (char === '\\') i++
    else if (char === '"') quote = quote === 'double' ? 'none' : 'double'
    else if (char === "'" && quote === 'none') quote = 'single'
  }
  return quote
}
