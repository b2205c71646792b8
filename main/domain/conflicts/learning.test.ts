import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runId } from '../ids.ts'
import { Driver, PROJECT } from '../testing/driver.ts'
import { plan, tasks } from '../testing/plan.ts'
import { committed, cut, exited, merged, prepared, started } from '../testing/steps.ts'
import type { Clash } from './conflict.ts'
import { clashWarnings, likelyClashes, oddsOf } from './learning.ts'

const clash = (more: Partial<Clash> = {}): Clash => ({
  count: 1,
  last: 0,
  tasks: [],
  runs: 1,
  met: 1,
  ...more,
})
const repo = (...writes: string[]) => ({ workspace: 'repo' as const, writes })

describe('odds', () => {
  it('go from little evidence to much, and stay between nothing and certain', () => {
    expect(oddsOf({ runs: 1, met: 1 })).toBeCloseTo(2 / 3)
    expect(oddsOf({ runs: 3, met: 7 })).toBeCloseTo(4 / 9)
    expect(oddsOf({ runs: 1, met: 98 })).toBeCloseTo(0.02)
    expect(oddsOf({})).toBeCloseTo(2 / 3)
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), (runs, met) => {
        const odds = oddsOf({ runs, met })
        expect(odds).toBeGreaterThan(0)
        expect(odds).toBeLessThan(1)
        // One more run without a conflict never makes one likelier.
        expect(oddsOf({ runs, met: Math.max(met, runs) + 1 })).toBeLessThan(
          oddsOf({ runs, met: Math.max(met, runs) }),
        )
      }),
    )
  })
})

describe('a plan', () => {
  const clashes = {
    'src/x.ts': clash({ runs: 3, met: 7, tasks: ['web'] }),
    'docs/y.md': clash({ runs: 1, met: 1 }),
  }

  it('is warned of files that clashed before and may again', () => {
    const made = tasks(['api', 'web', 'docs'], {
      with: { api: repo('src/**'), web: repo('web/**'), docs: repo('docs/**') },
    })
    expect(likelyClashes(made, clashes)).toEqual([
      { file: 'src/x.ts', tasks: ['api', 'web'], runs: 3, of: 7, odds: 4 / 9 },
    ])
    expect(clashWarnings(made, clashes)).toEqual([
      'src/x.ts clashed in 3 of 7 runs (api, web): odds of 44 % that it does again',
    ])
  })

  it('is not, where one of them waits for the other', () => {
    const writes = { api: repo('src/**'), web: repo('src/**'), mid: repo('mid') }
    expect(likelyClashes(tasks(['api', 'mid: api', 'web: mid'], { with: writes }), clashes)).toEqual([])
    expect(likelyClashes(plan([['api'], ['web']], { with: writes }), clashes)).toEqual([])
  })

  it('names the likeliest few, and how many more', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`src/f${n}`, clash({ met: n + 1 })]))
    const lines = clashWarnings(tasks(['a', 'b'], { all: repo('src/**') }), many)
    expect(lines).toHaveLength(6)
    expect(lines[0]).toContain('src/f0')
    expect(lines.at(-1)).toBe('4 more files clashed before')
  })
})

/** A run of two that write the same, of whose work it is foreseen that it clashes or not; to its end. */
function play(driver: Driver, n: number, clashes: boolean): readonly string[] {
  const run = runId(`run${n}`)
  const made = tasks(['a', 'b'], { all: repo('src/**') })
  // Without locks, so that both work at once.
  driver.start({ ...made, tasks: made.tasks.map(({ uses: _, ...task }) => task) }, run)
  driver.must(prepared(run))
  const place = (task: number) => ({ run, task, attempt: 1 })
  for (const task of [0, 1]) {
    driver.must(cut(place(task)))
    driver.must(started(place(task)))
  }
  if (clashes) {
    const parties = [`${run}/a#1`, `${run}/b#1`]
    const foreseen = [{ parties, files: ['src/x.ts'], patches: [] }]
    driver.must({ type: 'report.predicted', project: PROJECT, foreseen, unknown: [] })
  }
  for (const task of [0, 1]) {
    driver.must(exited(place(task)))
    driver.must(committed(place(task), `${n}${task}`.padEnd(40, 'd')))
    driver.must(merged(place(task)))
  }
  return driver.state.runs.get(run)!.warnings
}

it('runs that clash and runs that do not are counted, and the next one is told', () => {
  const driver = new Driver()
  expect(play(driver, 1, true)).toEqual([])
  expect(play(driver, 2, false)).toEqual([
    'src/x.ts clashed in 1 of 1 run (a, b): odds of 67 % that it does again',
  ])
  play(driver, 3, true)
  expect(play(driver, 4, false)).toEqual([
    'src/x.ts clashed in 2 of 3 runs (a, b): odds of 60 % that it does again',
  ])
  expect(driver.state.projects.get(PROJECT)!.clashes['src/x.ts']).toMatchObject({ count: 2, runs: 2, met: 4 })
})
