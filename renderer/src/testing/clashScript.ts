import type { FoundConflict } from '../../../main/domain/conflicts/conflict.ts'
import { projectId, runId } from '../../../main/domain/ids.ts'
import type { Driver } from '../../../main/domain/testing/driver.ts'

/** Conflicts of every kind among the agents of the first run, one of them settled: made up, to be looked at. */

const RUN = runId('run1')
const PROJECT = projectId('p')
const of = (task: string): string => `${RUN}/${task}#1`

const hunk = (file: string, ...lines: string[]): string =>
  `diff --git a/${file} b/${file}\nindex 4fe1a2c..b07d19e 100644\n--- a/${file}\n+++ b/${file}\n${lines.join('\n')}\n`

export const PATCHES: Readonly<Record<string, string>> = {
  hops1: hunk(
    'src/hops.py',
    '@@ -12,9 +12,12 @@ class Route:',
    '     def hops(self) -> int:',
    '-        return len(self.path)',
    '+        # The first stop is where it begins.',
    '+        return max(0, len(self.path) - 1)',
    ' ',
    '     def is_direct(self) -> bool:',
    '-        return self.hops() == 1',
    '+        return self.hops() <= 1',
  ),
  hops5: hunk(
    'src/hops.py',
    '@@ -12,7 +12,10 @@ class Route:',
    '     def hops(self) -> int:',
    '-        return len(self.path)',
    '+        return sum(1 for stop in self.path if not stop.virtual)',
    ' ',
    '@@ -31,3 +34,6 @@ def shortest(routes):',
    '     return min(routes, key=Route.hops)',
    '+',
    '+def longest(routes):',
    '+    return max(routes, key=Route.hops)',
  ),
  billing: hunk(
    'src/billing/invoice.py',
    '@@ -1,4 +1,5 @@',
    ' from decimal import Decimal',
    '+from .rounding import to_cents',
    ' ',
  ),
}

const FOUND: readonly (FoundConflict & { readonly hold?: readonly string[] })[] = [
  {
    cause: 'undeclared-write',
    parties: [of('agent-1'), of('agent-5')],
    files: ['src/hops.py'],
    text: 'agent-5 wrote src/hops.py, which agent-1 holds.',
    hold: [of('agent-5')],
    evidence: [
      {
        holder: of('agent-1'),
        text: 'Holds src/hops.py since it began, and changed 4 lines of it.',
        patch: 'hops1',
      },
      { holder: of('agent-5'), text: 'Declared src/routes/** and wrote src/hops.py.', patch: 'hops5' },
    ],
  },
  {
    cause: 'overlap',
    parties: [of('billing-api'), of('billing-tests')],
    files: ['src/billing/invoice.py', 'src/billing/rounding.py', 'src/billing/tax.py', 'src/billing/vat.py'],
    text: 'billing-api and billing-tests change the same four files.',
    evidence: [
      { holder: of('billing-api'), text: 'Changed how amounts are rounded.', patch: 'billing' },
      { holder: of('billing-tests'), text: 'Added rounding of its own.', patch: 'lost' },
    ],
  },
  {
    cause: 'predicted',
    parties: [of('retry-queue'), of('retry-policy')],
    files: ['src/retry.py'],
    text: 'Merged now, the work of retry-queue and retry-policy would clash in src/retry.py.',
    evidence: [],
  },
  {
    cause: 'duplicate',
    parties: [of('docs'), of('docs-again')],
    files: ['docs/routes.md'],
    text: 'docs and docs-again do the same work.',
    evidence: [
      { holder: of('docs-again'), text: 'Its command and its files are those of docs.', patch: null },
    ],
  },
]

const BY_HAND: readonly (readonly [name: string, files: readonly string[]])[] = [
  ['Hop Counter', ['lib/hops.py']],
  ['Route Planner', ['lib/*.py', 'lib/routes/**']],
  ['Release Notes', ['NOTES.md']],
]

function registerByHand(driver: Driver): void {
  for (const [name, files] of BY_HAND)
    driver.must({
      type: 'registered.add',
      project: PROJECT,
      name,
      files: [...files],
      reads: [],
      uses: [],
      priority: 3,
      after: name === 'Release Notes' ? ['agent-2'] : [],
      waits: true,
      start: true,
      session: null,
      folder: '/home/ann/bookshelf',
      process: null,
      log: null,
      dirty: [],
      limitMs: null,
    })
}

/** Once all are at work. */
export function playClashes(driver: Driver): void {
  const record = driver.state.projects.get(PROJECT)!
  const { tasks, plan } = driver.run(RUN)
  if (record.conflicts.length > 0) return
  if (plan.tasks.some(({ needs }, i) => needs.length === 0 && tasks.get(i)!.current?.state !== 'RUNNING'))
    return
  for (const { hold, ...found } of FOUND)
    driver.must({
      type: 'report.conflict',
      project: PROJECT,
      ...found,
      ...(hold === undefined ? {} : { hold }),
    })
  const again = { ...FOUND[1]!, files: ['src/billing/tax.py'], text: 'They meet in src/billing/tax.py.' }
  driver.must({ type: 'conflict.resolve', project: PROJECT, conflict: 'c4', action: 'dismiss' })
  driver.advance(95_000)
  driver.must({
    type: 'report.conflict-verified',
    project: PROJECT,
    conflict: 'c4',
    clean: true,
    detail: 'both are merged',
  })
  driver.must({ type: 'report.conflict', project: PROJECT, ...again, cause: 'ownership' })
  registerByHand(driver)
}
