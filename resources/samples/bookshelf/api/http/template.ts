import { readFileSync } from 'node:fs'
import { join } from 'node:path'

type Values = Readonly<Record<string, string | number>>

export interface Templates {
  readonly shelf: string
  readonly bookIn: string
  readonly bookLent: string
}

export function loadTemplates(folder: string): Templates {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  return { shelf: read('shelf.html'), bookIn: read('book-in.html'), bookLent: read('book-lent.html') }
}

/** Puts `{{name}}` in escaped and `{{{name}}}` in as it is. A name without a value is an error. */
export function fill(template: string, values: Values, raw: Values = {}): string {
  return template.replaceAll(/\{\{\{(\w+)\}\}\}|\{\{(\w+)\}\}/g, (_, rawName?: string, name?: string) => {
    const value = rawName === undefined ? values[name!] : raw[rawName]
    if (value === undefined) throw new Error(`the template asks for ${rawName ?? name}, which has no value`)
    return rawName === undefined ? escapeHtml(String(value)) : String(value)
  })
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!)
}
