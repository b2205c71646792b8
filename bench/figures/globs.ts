import { isDisjointWith, JS, NFA } from 'refa'
import { NO_LOCKS, withGrant } from '../../main/domain/locks/changes.ts'
import { globsOverlap } from '../../main/domain/locks/glob/overlap.ts'
import { parseGlob } from '../../main/domain/locks/glob/parseGlob.ts'
import type { Lock } from '../../main/domain/locks/lock.ts'
import { isFree } from '../../main/domain/locks/table.ts'
import { Random } from '../../simulator/random.ts'
import type { BenchOptions, Comparison } from '../support/figure.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'

const HELD = 1_000
const ASKED = 20

/**
 * Figure 7: does a glob overlap any of 1,000 held ones? Beside refa, with an automaton of each glob made once. And what
 * a lock table costs as it grows to 10,000 holders.
 */
export async function globs({ quick, progress }: BenchOptions): Promise<readonly Comparison[]> {
  const random = new Random(7)
  const held = Array.from({ length: HELD }, () => anyGlob(random))
  const asked = Array.from({ length: ASKED }, () => anyGlob(random))
  const automata = new Map([...held, ...asked].map((glob) => [glob, automatonOf(glob)]))
  for (const glob of held) parseGlob(glob)
  const answers: Record<'ours' | 'refa', number> = { ours: 0, refa: 0 }
  const round = async (
    name: keyof typeof answers,
    meet: (a: string, b: string) => boolean,
  ): Promise<number> => {
    let found = 0
    const ms = await timed(() => {
      for (const a of asked) for (const b of held) if (meet(a, b)) found++
    })
    answers[name] = found
    return ms / ASKED
  }
  progress('7: globs')
  const sides = await inTurn(
    {
      ours: () => round('ours', (a, b) => globsOverlap(parseGlob(a), parseGlob(b))),
      refa: () => round('refa', (a, b) => !isDisjointWith(automata.get(a)!, automata.get(b)!)),
    },
    { rounds: quick ? 3 : 9, warmUp: 1 },
  )
  if (answers.ours !== answers.refa)
    throw new Error(`${answers.ours} overlaps found, by refa ${answers.refa}`)
  progress('7: a table that grows')
  return [
    {
      figure: 7,
      what: `does a glob overlap any of ${HELD} held ones`,
      unit: 'ms',
      ours: { name: 'segment by segment', value: median(sides.ours) },
      other: { name: 'refa, automata made once', value: median(sides.refa) },
      ratio: pairedRatio(sides.ours, sides.refa),
      target: { atMost: 1 / 15 },
      how: `${sides.ours.length} rounds of ${ASKED} globs against all, in turn, one warm-up round`,
      notes: [`${answers.ours} of ${HELD * ASKED} pairs overlap, for both`, ...growth(random, quick)],
    },
  ]
}

/** One question to tables of growing size: linear is expected, nothing worse. */
function growth(random: Random, quick: boolean): readonly string[] {
  return (quick ? [100, 1_000] : [100, 1_000, 10_000]).map((size) => {
    let table = NO_LOCKS
    for (let i = 0; i < size; i++)
      table = withGrant(table, { holder: `h${i}`, locks: [lockOn(`held-${i}/${anyGlob(random)}`)] }, [], 0)
    const questions = Array.from({ length: 50 }, () => ({
      holder: 'asks',
      locks: [lockOn(anyGlob(random))],
      priority: 3,
      since: 0,
      begun: false,
    }))
    for (const question of questions) isFree(table, question)
    const start = performance.now()
    for (const question of questions) isFree(table, question)
    const ms = (performance.now() - start) / questions.length
    return `${size} holders: ${ms.toFixed(3)} ms a question, ${((ms * 1e6) / size).toFixed(0)} ns a holder`
  })
}

function lockOn(on: string): Lock {
  return { kind: 'files', on, mode: 'exclusive' }
}

const FOLDERS = ['src', 'api', 'web', 'lib', 'core', 'tests', 'docs', 'services', 'packages', 'app']
const NAMES = [
  '*',
  '*.ts',
  '*.tsx',
  'index.ts',
  '*.test.ts',
  '{a,b}.json',
  '**',
  '**/*.ts',
  '**/*.md',
  'hops.py',
  '*_test.py',
  '[a-m]*',
]

/** As people write them: a few folders, then names. */
function anyGlob(random: Random): string {
  const folders = Array.from({ length: random.int(1, 3) }, () =>
    random.next() < 0.2 ? '*' : `${random.pick(FOLDERS)}${random.next() < 0.5 ? '' : random.int(1, 9)}`,
  )
  return [...folders, random.pick(NAMES)].join('/')
}

/** Of the few forms above. Each name with a slash behind it: so `**` is any number of names, wherever it stands. */
function automatonOf(glob: string): NFA {
  const steps = glob.split('/').map((step) => {
    if (step === '**') return '(?:[^/]+/)*'
    const name = step
      .replaceAll('.', '\\.')
      .replace(/\{(\w),(\w)\}/, '(?:$1|$2)')
      .replaceAll('*', '[^/]*')
    return step === '*' ? '[^/]+/' : `${name}/`
  })
  const { expression, maxCharacter } = JS.Parser.fromLiteral(new RegExp(steps.join(''))).parse()
  return NFA.fromRegex(expression, { maxCharacter })
}
