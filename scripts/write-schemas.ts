/** Writes the JSON schemas in `resources/schemas` from the program's own: run it after changing those. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { projectJsonSchema, SCHEMA_FILE } from '../main/config/index.ts'

mkdirSync(dirname(SCHEMA_FILE), { recursive: true })
writeFileSync(SCHEMA_FILE, `${JSON.stringify(projectJsonSchema(), null, 2)}\n`)
console.log(`wrote ${SCHEMA_FILE}`)
