import type { RollbackPoint } from '../domain/points/point.ts'
import type { AgentSpec } from '../engine/ports/runner.ts'
import type { TargetJob } from '../engine/ports/targets.ts'
import type { ActionPlan, Step } from './step.ts'

/** An attempt at a target. */
export type ActionSpec = AgentSpec & { readonly action: TargetJob }

/** Makes the plan of an action. Pure but for what it closes over: called anew after every start of the program. */
export type Planner = (spec: ActionSpec) => ActionPlan

/**
 * Steps that make a rollback point before anything is touched, put before the others of a deployment and of a
 * migration. They leave the facts `point` (the point as JSON) and `before` (its id or key). None: no points are made.
 */
export type PointSteps = (spec: ActionSpec, why: RollbackPoint['why']) => readonly Step[]

export const NO_POINTS: PointSteps = () => []
