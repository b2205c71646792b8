import { stringify } from 'yaml'
import type { Random } from '../../simulator/random.ts'

export interface GeneratedEpic {
  readonly yaml: string
  readonly tasks: readonly string[]
  /** Tasks that leave a commit. */
  readonly writers: readonly string[]
}

/**
 * An epic of short commands whose every side effect can be counted: each prints one line, some write a file that is
 * committed, some hand an output on.
 */
export function generateEpic(random: Random, image: string): GeneratedEpic {
  const tasks: string[] = []
  const writers: string[] = []
  const phases = []
  const phaseCount = random.int(2, 3)
  for (let p = 0; p < phaseCount; p++) {
    const mode = random.pick(['parallel', 'sequential', 'tasks'] as const)
    const members = []
    const size = random.int(2, 4)
    for (let i = 0; i < size; i++) members.push(generateTask(random, p, i, mode, tasks, writers))
    phases.push({ name: `phase ${p + 1}`, [mode]: members })
  }
  const yaml = stringify({
    version: 1,
    name: 'e2e',
    image,
    extends: 'amphitheatre-devops',
    limits: { max_concurrent_agents: 3 },
    epics: { generated: { title: 'Generated', phases } },
  })
  return { yaml, tasks, writers }
}

function generateTask(
  random: Random,
  phase: number,
  index: number,
  mode: string,
  tasks: string[],
  writers: string[],
): Record<string, unknown> {
  const id = `t${phase}${index}`
  const writes = random.next() < 0.5
  const pause = (random.next() * 0.8).toFixed(2)
  const before = mode === 'tasks' && index > 0 && random.next() < 0.6 ? [`t${phase}${index - 1}`] : []
  const source = tasks.length > 0 && phase > 0 && random.next() < 0.4 ? tasks[0]! : null
  const lines = [
    `echo "ran $AMPHITHEATRE_ATTEMPT"`,
    `sleep ${pause}`,
    `echo "id=${id}" >> $AMPHITHEATRE_OUTPUT`,
  ]
  if (source !== null) lines.push(`test "\${tasks.${source}.outputs.id}" = ${source}`)
  if (writes) lines.push(`echo "$AMPHITHEATRE_ATTEMPT" > ${id}.txt`)
  tasks.push(id)
  if (writes) writers.push(id)
  return {
    id,
    agent: random.pick(['BuildMaster', 'TestGuardian', 'DatabaseArchitect']),
    run: lines.join(' && '),
    ...(writes ? { writes: [`${id}.txt`] } : { workspace: random.next() < 0.5 ? 'none' : 'repo' }),
    ...(before.length > 0 ? { needs: before } : {}),
    network: random.next() < 0.3 ? 'run' : 'none',
  }
}
