import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { projectJsonSchema } from './jsonSchema.ts'
import { initTemplate, SCHEMA_FILE } from './template.ts'
import { load } from './testing.ts'
import { validateText } from './validate.ts'

describe('the template of a new project', () => {
  it('loads without a warning and says where its schema is', () => {
    const text = initTemplate('web')
    const report = validateText(text, { file: 'a', env: {} })
    expect(report).toMatchObject({ kind: 'project', problems: [], warnings: [] })
    expect(load(text)).toMatchObject({
      name: 'web',
      epics: [{ id: 'first', tasks: [{}, {}, { id: 'report' }] }],
    })
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./amphitheatre.v1.schema.json')
    expect(initTemplate('web', 'https://example.org/s.json')).toContain(
      '$schema=https://example.org/s.json\n',
    )
  })
})

describe('the JSON schema', () => {
  it('in resources is up to date (run "npm run schemas")', () => {
    expect(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'))).toEqual(projectJsonSchema())
  })

  it('leaves x- keys free and others not', () => {
    const schema = projectJsonSchema() as {
      additionalProperties: boolean
      patternProperties: object
      required: string[]
      definitions: { Task: { required: string[]; patternProperties: object } }
    }
    expect(schema).toMatchObject({
      additionalProperties: false,
      patternProperties: { '^x-': {} },
      required: ['version'],
    })
    expect(schema.definitions.Task).toMatchObject({
      required: ['id'],
      patternProperties: { '^x-': {} },
    })
  })
})
