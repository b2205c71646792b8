import { expect, it } from 'vitest'
import { z } from 'zod'
import { parseHandoff } from '../../domain/talk/handoffText.ts'
import { answer } from '../door/door.ts'
import { verb } from '../door/verbs/verb.ts'
import { VERBS } from '../door/verbs.ts'
import { HANDOFF_TEMPLATE } from './handoffTemplate.ts'
import { plainWording, TOOLS, toolOf } from './tools.ts'
import { WORDING } from './wording.ts'

it('has words for every verb and its arguments, and for nothing else', () => {
  expect(Object.keys(WORDING).toSorted()).toEqual([...VERBS.keys()].toSorted())
  for (const [name, { args = {} }] of Object.entries(WORDING)) {
    const known = Object.keys(VERBS.get(name)!.args.shape)
    expect([name, Object.keys(args).filter((arg) => !known.includes(arg))]).toEqual([name, []])
  }
})

it('names tools as models and clients can', () => {
  expect(TOOLS.size).toBe(VERBS.size)
  for (const { tool, changes } of TOOLS.values()) {
    expect(tool.name).toMatch(/^[a-z][a-z_]{0,40}$/)
    expect(tool.description.length).toBeLessThan(400)
    expect(tool.annotations.readOnlyHint && changes).toBe(false)
    expect(Object.hasOwn(tool.inputSchema['properties'] as object, 'request_id')).toBe(changes)
  }
})

it('says schemas shortly and as the verbs take them', () => {
  expect(TOOLS.get('progress')!.tool.inputSchema).toEqual({
    type: 'object',
    properties: {
      percent: { type: 'number', minimum: 0, maximum: 100, description: expect.any(String) },
      text: { type: 'string', maxLength: 500, description: expect.any(String) },
      request_id: expect.objectContaining({ type: 'string' }),
    },
    additionalProperties: false,
  })
  const { properties, required } = TOOLS.get('hand_off')!.tool.inputSchema as never as {
    properties: { document: { required: string[]; properties: { artifacts: object } } }
    required?: unknown
  }
  expect(required).toBeUndefined()
  expect(properties.document.required).toEqual(['title', 'to'])
  const all = JSON.stringify([...TOOLS.values()].map(({ tool }) => tool))
  expect(all).not.toMatch(/\$schema|"null"|9007199254740991/)
  // What every agent's model reads before it begins.
  expect(all.length).toBeLessThan(32_000)
})

it('offers a verb that has no words under its own name', () => {
  const plain = verb({
    about: 'Does it.',
    args: z.strictObject({ n: z.number() }),
    changes: false,
    run: async () => answer(),
  })
  expect(toolOf(plain, plainWording('do-it', plain))).toMatchObject({
    name: 'do_it',
    description: 'Does it.',
    inputSchema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
    annotations: { readOnlyHint: true },
  })
})

it('gives a hand-off template that is read when filled in, and refused when not', () => {
  expect(parseHandoff(HANDOFF_TEMPLATE).ok).toBe(false)
  const filled = HANDOFF_TEMPLATE.replace('<final or draft>', 'draft')
    .replace('<code, config or doc>', 'doc')
    .replaceAll(/<[^>]+>/g, 'b')
  expect(parseHandoff(filled)).toMatchObject({
    ok: true,
    document: { title: 'b', to: 'b', completed: ['b'], artifacts: [{ path: 'b', type: 'document' }] },
  })
})
