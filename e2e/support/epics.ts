import { stringify } from 'yaml'

/** mulberry32: small, seedable, good enough to draw test cases. */
export function seeded(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = a
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

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
export function generateEpic(random: () => number, image: string): GeneratedEpic {
  const tasks: string[] = []
  const writers: string[] = []
  const phases = []
  const phaseCount = 2 + Math.floor(random() * 2)
  for (let p = 0; p < phaseCount; p++) {
    const mode = (['parallel', 'sequential', 'tasks'] as const)[Math.floor(random() * 3)]!
    const members = []
    const size = 2 + Math.floor(random() * 3)
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
  random: () => number,
  phase: number,
  index: number,
  mode: string,
  tasks: string[],
  writers: string[],
): Record<string, unknown> {
  const id = `t${phase}${index}`
  const writes = random() < 0.5
  const pause = (random() * 0.8).toFixed(2)
  const before = mode === 'tasks' && index > 0 && random() < 0.6 ? [`t${phase}${index - 1}`] : []
  const source = tasks.length > 0 && phase > 0 && random() < 0.4 ? tasks[0]! : null
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
    agent: ['BuildMaster', 'TestGuardian', 'DatabaseArchitect'][Math.floor(random() * 3)],
    run: lines.join(' && '),
    ...(writes ? { writes: [`${id}.txt`] } : { workspace: random() < 0.5 ? 'none' : 'repo' }),
    ...(before.length > 0 ? { needs: before } : {}),
    network: random() < 0.3 ? 'run' : 'none',
  }
}
