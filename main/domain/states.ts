/** The state tables of the product's semantics: these arrows and no others. */

export const TASK_STATES = [
  'CREATED',
  'ASSIGNED',
  'IN_PROGRESS',
  'BLOCKED',
  'REVIEW',
  'COMPLETED',
  'FAILED',
] as const
export type TaskState = (typeof TASK_STATES)[number]

export const TASK_ARROWS: Readonly<Record<TaskState, readonly TaskState[]>> = {
  CREATED: ['ASSIGNED', 'FAILED'],
  ASSIGNED: ['IN_PROGRESS', 'FAILED'],
  IN_PROGRESS: ['BLOCKED', 'REVIEW', 'FAILED'],
  BLOCKED: ['IN_PROGRESS', 'FAILED'],
  REVIEW: ['COMPLETED', 'IN_PROGRESS', 'FAILED'],
  COMPLETED: [],
  FAILED: ['ASSIGNED'],
}

export const AGENT_STATES = [
  'REGISTERED',
  'WAITING',
  'BLOCKED',
  'RUNNING',
  'COMPLETING',
  'TIMEOUT',
  'CONFLICT',
  'COMPLETED',
  'TERMINATED',
] as const
export type AgentState = (typeof AGENT_STATES)[number]

export const AGENT_ARROWS: Readonly<Record<AgentState, readonly AgentState[]>> = {
  REGISTERED: ['WAITING', 'TERMINATED'],
  WAITING: ['BLOCKED', 'RUNNING', 'TERMINATED'],
  BLOCKED: ['WAITING', 'TERMINATED'],
  RUNNING: ['COMPLETING', 'TIMEOUT', 'CONFLICT', 'TERMINATED'],
  COMPLETING: ['COMPLETED', 'CONFLICT', 'TERMINATED'],
  TIMEOUT: ['TERMINATED'],
  CONFLICT: ['RUNNING', 'TERMINATED'],
  COMPLETED: [],
  TERMINATED: [],
}

/** Why an agent was TERMINATED. */
export const TERMINATION_CAUSES = [
  'failed',
  'timeout',
  'stuck',
  'stopped',
  'lost',
  'cancelled',
  'conflict',
] as const
export type TerminationCause = (typeof TERMINATION_CAUSES)[number]

/** How a task in a terminal state got there. `skipped` counts as met for its dependents; the last three do not. */
export const TASK_OUTCOMES = ['succeeded', 'skipped', 'failed', 'cancelled'] as const
export type TaskOutcome = (typeof TASK_OUTCOMES)[number]

export const RUN_STATUSES = ['preparing', 'running', 'stopping', 'completed', 'failed', 'stopped'] as const
export type RunStatus = (typeof RUN_STATUSES)[number]
