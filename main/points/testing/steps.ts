import type { RollbackPoint } from '../../domain/points/point.ts'
import type { TaskAction } from '../../domain/targets/target.ts'

/** The steps of a rollback that name its point. */
export const scratch = ({ id, key }: RollbackPoint): TaskAction => ({ do: 'scratch', point: id, key })

export const restore = (
  { id, key }: RollbackPoint,
  part: 'database' | 'image' | 'environment',
): TaskAction => ({ do: 'restore', point: id, key, part })

/** From a copy beside to everything restored that is named, in the order given. */
export const backTo = (
  point: RollbackPoint,
  ...parts: readonly ('database' | 'image' | 'environment')[]
): readonly TaskAction[] => [scratch(point), { do: 'hold' }, ...parts.map((part) => restore(point, part))]
