import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import type { ChecklistStep } from '../../domain/talk/checklist.ts'
import { type Caller, refusalText } from './caller.ts'

const START_OF_WORK = 'start_of_work'

export const PROMPTS = [
  {
    name: START_OF_WORK,
    title: 'Start of work',
    description: 'What to do before you begin with your task: the start-up checklist as it stands now.',
  },
] as const

type Prompt = {
  description: string
  messages: { role: 'user'; content: { type: 'text'; text: string } }[]
}

export async function getPrompt(caller: Caller, name: string): Promise<Prompt> {
  if (name !== START_OF_WORK)
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${name.slice(0, 100)}`)
  const { body } = await caller.call('checklist', {}, null)
  if (!body.ok) throw new ProtocolError(ProtocolErrorCode.InternalError, refusalText(body))
  const text = startOfWork(body['steps'] as readonly ChecklistStep[])
  return {
    description: PROMPTS[0].description,
    messages: [{ role: 'user', content: { type: 'text', text } }],
  }
}

const MARKS = { done: 'x', open: ' ', 'not-needed': '-' } as const

function startOfWork(steps: readonly ChecklistStep[]): string {
  const lines = steps.map(({ id, title, status, why }) => {
    return `- [${MARKS[status]}] ${title} (${id})${why === '' ? '' : `: ${why}`}`
  })
  return `You are about to begin with your task. Go through the start-up checklist first; [x] is done, [-] is not needed.

${lines.join('\n')}

In this order:
1. hello: who you are, what your task is, who else works here.
2. read_context: global/project_state.yaml, global/dependency_map.yaml, and the tasks.yaml of your own agent folder.
3. inbox: deal with what waits there; mark_handled what needs no answer.
4. list_hand_offs: accept what was handed to you, or ask about it with clarify_hand_off.
5. progress: say in one line how you will go about your task.
6. checklist: record steps that only you can see as done (install_dependencies, configure_credentials).

Then begin. While you work: progress and checkpoint at milestones, inbox between steps, ask or ask_person when something blocks you, record_risk for what may go wrong. At the end: set_output, publish_artifact and hand_off what others need.`
}
