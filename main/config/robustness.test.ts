import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadProjectText } from './project.ts'
import { fixture } from './testing.ts'
import { validateText } from './validate.ts'

/** Whatever a file holds, the answer is a project or problems with places in that file. */

function answer(text: string): void {
  const result = loadProjectText(text, { env: {}, file: 'f' })
  const problems = result.ok ? [] : result.problems
  if (!result.ok) expect(problems.length).toBeGreaterThan(0)
  const lines = text.split('\n').length
  for (const { file, line, message } of problems) {
    expect(file).toBe('f')
    expect(line).toBeLessThanOrEqual(lines)
    expect(message).not.toMatch(/undefined|\[object|Invalid input/)
  }
  validateText(text, { env: {}, file: 'f' })
}

const ship = fixture('ship.yaml')
const shipped = JSON.stringify({
  version: 1,
  epics: { e: { phases: [{ name: 'p', tasks: [{ id: 'a' }] }] } },
})

describe('any file', () => {
  it('that is a project with a piece replaced gets an answer', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('null', '[]', '{}', '- ', '&a ', '*a', ': ', '\n', '"', '|', '<<: '),
    )
    fc.assert(
      fc.property(fc.nat(ship.length), fc.nat(30), piece, (at, length, put) => {
        answer(ship.slice(0, at) + put + ship.slice(at + length))
      }),
      { numRuns: 150 },
    )
  })

  it('that has any value under any key gets an answer', () => {
    const keys = [...ship.matchAll(/([a-z_]+):/g)].map(([, key]) => key!)
    const key = fc.oneof(fc.constantFrom(...keys, 'constructor', '__proto__', 'toString', '<<'), fc.string())
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, true, 1, -1.5, 'a', 'x-y', ''),
        tie('list'),
        tie('map'),
      ),
      list: fc.array(tie('value'), { maxLength: 3 }),
      map: fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs)),
    })).map
    fc.assert(
      fc.property(tree, tree, (one, other) => {
        answer(JSON.stringify({ version: 1, ...(one as object), epics: { e: { phases: [other] } } }))
        answer(
          shipped.replace(
            '{"id":"a"}',
            JSON.stringify({ id: 'a', agent: 'b', run: 'x', ...(other as object) }),
          ),
        )
      }),
      { numRuns: 150 },
    )
  })
})
