import {
  afterStep,
  type Files,
  HistoryStream,
  STEPS,
  type Step,
} from '../../main/workspaces/foresight/testing/histories.ts'
import type { Random } from '../../simulator/random.ts'

const FILES = 60
const FOLDERS = ['src', 'src/api', 'src/web', 'lib', 'docs', 'tests']
const LINES = 30
/** Most of what is written goes to few files. */
const HOT = 8

/**
 * A repository's history as `git fast-import` reads it: `merges` times two branches from one commit and their merge,
 * whose recorded result is the first branch. The same chance makes the same history.
 */
export function syntheticHistory(random: Random, merges: number): string {
  const stream = new HistoryStream()
  let files = firstFiles()
  let tip = stream.root('main', files)
  let time = 1_700_000_000
  for (let n = 0; n < merges; n++) {
    const ends = [0, 1].map((side) => {
      let [mine, parent, at] = [files, tip, time]
      for (let commit = random.int(1, 5); commit > 0; commit--) {
        for (let step = random.int(1, 3); step > 0; step--) mine = afterStep(mine, anyStep(random, mine))
        at += random.int(1, 600)
        parent = stream.commit(`side${side}`, mine, [parent], at)
      }
      return { mine, parent }
    })
    time += 4_000
    tip = stream.commit('main', ends[0]!.mine, [ends[0]!.parent, ends[1]!.parent], time)
    // Not for ever on what branches left of it: after a while files would be few and all alike.
    files = n % 10 === 9 ? firstFiles() : ends[0]!.mine
    if (n % 10 === 9) tip = stream.commit('main', files, [tip], time)
  }
  return stream.toString()
}

function firstFiles(): Files {
  return new Map(
    Array.from({ length: FILES }, (_, n): [string, string] => [
      `${FOLDERS[n % FOLDERS.length]}/file${n}.ts`,
      Array.from({ length: LINES }, (_, line) => `file ${n} line ${line}`).join('\n'),
    ]),
  )
}

function anyStep(random: Random, files: Files): Step {
  const kind = random.chance(0.85) ? 'edit' : random.pick(STEPS)
  const at = random.chance(0.6) ? random.int(0, HOT - 1) : random.int(0, files.size)
  return { kind, at, where: random.int(0, LINES - 1), text: `changed ${random.int(0, 1_000_000)}` }
}
