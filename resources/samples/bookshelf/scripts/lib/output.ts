import { appendFileSync } from 'node:fs'

/** Hands values on to the tasks that come after this one; they read `${tasks.ID.outputs.NAME}`. */
export function output(values: Readonly<Record<string, string | number>>): void {
  const file = process.env.AMPHITHEATRE_OUTPUT
  if (file === undefined) return
  appendFileSync(
    file,
    Object.entries(values)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
}
