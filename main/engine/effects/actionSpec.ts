import { agentName, type TaskId } from '../../domain/ids.ts'
import { planIndex } from '../../domain/plan.ts'
import { type OutputReference, substituteWords } from '../../domain/substitute.ts'
import type { ReleaseSource, TargetSpec, TaskAction } from '../../domain/targets/target.ts'
import { resolveImage } from '../images.ts'
import { type AgentSpec, RunnerError } from '../ports/runner.ts'
import type { Attachment, BesideService } from '../ports/targets.ts'
import { type AttemptView, runnerOf, scopeOf, type World } from '../world.ts'

/** What the target runner is asked for: the action, with all that its carrying out may depend on. */
export async function actionSpecOf(world: World, view: AttemptView): Promise<AgentSpec> {
  const { run, spec, attempt } = view
  const target = targetOf(view)
  const project = world.engine.state.projects.get(run.project)
  const action = withOutputs(view, spec.action!)
  const trend = action.do === 'inspect' ? world.trendOf?.(run.project, target.name) : undefined
  return {
    project: run.project,
    run: run.id,
    attempt: view.id,
    task: spec.id,
    agent: agentName(attempt.role, spec.id, attempt.n),
    image: action.do === 'migrate' ? await imageOf(world, view) : '',
    command: action.do === 'migrate' ? action.run : '',
    env: spec.env,
    workspace: attempt.cut?.path ?? null,
    readOnly: [],
    readOnlyMounts: attempt.cut?.mounts ?? [],
    exchange: await world.files.prepareExchange(run.project, view.id),
    network: spec.network,
    resources: spec.resources,
    tty: null,
    door: null,
    action: {
      action,
      target,
      root: run.root,
      commit: attempt.cut?.commit ?? null,
      known: project?.targets[target.name] ?? null,
      points: (project?.points ?? []).filter((point) => (point.target ?? '') === target.name),
      at: world.scheduling.now(),
      ...(trend === undefined ? {} : { trend }),
    },
  }
}

async function imageOf(world: World, { run, spec, attempt }: AttemptView): Promise<string> {
  const role = run.plan.roles[planIndex(run.plan).roleIndex.get(attempt.role)!]!
  const image = spec.image ?? role.image ?? run.plan.image
  return resolveImage(runnerOf(world, run, spec), image, run.root, world.log)
}

/** For actions on the repository alone: a point before an apply is gone back to at no target. */
const REPOSITORY: TargetSpec = {
  name: '',
  title: 'The repository',
  place: {
    kind: 'ssh',
    host: '',
    commands: { deploy: '', rollback: null, restart: null, health: null },
    url: null,
  },
  database: null,
  verify: { paths: [], run: null, image: null, settleMs: 0, timeoutMs: 0, onFailure: 'stay' },
  points: { keep: 1, maxAgeMs: null, test: null, remote: null },
  gates: [],
  envFiles: [],
}

/** As the plan has it: later edits of the project file do not reach a run that is under way. */
export function targetOf({ run, spec }: AttemptView): TargetSpec {
  if (spec.target === undefined) return REPOSITORY
  const found = run.plan.targets?.find(({ name }) => name === spec.target)
  if (found !== undefined) return found
  throw new RunnerError(
    'refused',
    `this run knows no target ${spec.target}.`,
    'Add it to "targets:" in amphitheatre.yaml and start the epic anew.',
  )
}

/** Outputs of earlier tasks in the names of images and versions. Nothing of it is ever parsed by a shell. */
function withOutputs(view: AttemptView, action: TaskAction): TaskAction {
  if (action.do !== 'deploy') return action
  const put = (text: string): string => substituteWords(text, (reference) => outputOf(view, reference))
  const from: ReleaseSource =
    'image' in action.from ? { image: put(action.from.image) } : { build: action.from.build }
  return { ...action, from, version: put(action.version) }
}

function outputOf({ run }: AttemptView, { task, name }: OutputReference): string {
  const index = planIndex(run.plan).byId.get(task as TaskId)
  const outputs = index === undefined ? {} : run.tasks.get(index)!.outputs
  if (Object.hasOwn(outputs, name)) return outputs[name]!
  throw new RunnerError(
    'refused',
    `${task} gave no output called ${name}.`,
    `Let it append ${name}=… to $AMPHITHEATRE_OUTPUT.`,
  )
}

/** What an agent is given that looks at a target; undefined for one that looks at none. */
export async function attachmentOf(world: World, view: AttemptView): Promise<Attachment | undefined> {
  if (view.spec.target === undefined) return undefined
  inContainers(view, 'look at a target')
  return world.targets?.lookAt(view.run.project, targetOf(view))
}

/** Has the services up that run beside it. */
export async function startBeside(world: World, view: AttemptView): Promise<void> {
  const { run, spec, id } = view
  if (spec.services === undefined || spec.services.length === 0) return
  inContainers(view, 'have services beside it')
  const services: BesideService[] = []
  for (const service of spec.services) {
    const runner = runnerOf(world, run, spec)
    const image = service.image && (await resolveImage(runner, service.image, run.root, world.log))
    services.push({ ...service, image })
  }
  await world.targets?.startBeside(scopeOf(run), id, services)
}

function inContainers({ run, spec }: AttemptView, what: string): void {
  if (run.runner !== 'process') return
  throw new RunnerError(
    'refused',
    `${spec.id} is to ${what}, which only an agent in a container can.`,
    'Run it with Docker: --runner docker.',
  )
}
