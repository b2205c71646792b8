import type { TaskRecord } from '../../../main/domain/state.ts'

/** What the agent at work said of its progress, 0 to 1; undefined where it said nothing, or cannot tell. */
export function reportedShare({ current }: Pick<TaskRecord, 'current'>): number | undefined {
  const percent = current?.progress?.percent
  return percent === undefined || percent === null ? undefined : percent / 100
}

export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`
}
