import { assertNever } from '../domain/assertNever.ts'
import { formatDuration } from '../domain/duration.ts'
import { type RestoreTests, restoreTestsOf } from '../domain/points/restoreTests.ts'
import type { ProjectRecord } from '../domain/state.ts'
import type { Mark } from '../domain/status.ts'
import { minute } from './commands/look.ts'
import type { Context } from './context.ts'
import { plain } from './view/text.ts'

/** Of each target: was the way back tried, and what came of it. What cannot be restored is named by itself. */
export function restoreTestLines({ out: { style } }: Context, project: ProjectRecord): readonly string[] {
  return restoreTestsOf(project).flatMap((tests) => {
    const { target, broken, schedule } = tests
    const next = schedule?.next == null ? '' : style.muted(`, tried next ${minute(schedule.next)}`)
    const [mark, words] = lookOf(tests)
    const name = target === null ? 'the repository' : plain(target)
    return [
      `${style.glyph(mark)} restore test of ${name}: ${words}${next}`,
      ...broken.map(
        ({ id, tested }) =>
          `${style.glyph('failed')} ${id} of ${name} cannot be restored: ${plain(tested!.detail)} (amphi points show ${id})`,
      ),
    ]
  })
}

function lookOf({ state, last, good }: RestoreTests): readonly [Mark, string] {
  switch (state) {
    case 'restored': {
      const took = last!.tested!.ms
      const time = took === undefined ? '' : `, in ${formatDuration(took)}`
      return ['done', `${last!.id} was restored at ${minute(last!.tested!.at)}${time}`]
    }
    case 'broken':
      return [
        'failed',
        good === null ? 'nothing is left to go back to' : `${good.id} is gone back to instead`,
      ]
    case 'untried':
      return ['waiting', `never tried (amphi points test ${good!.id})`]
    case 'nothing':
      return ['waiting', 'no good point yet']
    default:
      return assertNever(state, 'unknown state')
  }
}

/** The same for programs. */
export function restoreTestFacts(project: ProjectRecord) {
  return restoreTestsOf(project).map(({ target, state, good, last, broken, schedule }) => ({
    target,
    state,
    good: good?.id ?? null,
    last: last === null ? null : { point: last.id, ...last.tested! },
    broken: broken.map(({ id }) => id),
    next: schedule?.next ?? null,
  }))
}
