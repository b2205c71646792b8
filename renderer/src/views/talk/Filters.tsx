import { type ReactNode, useMemo } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { MESSAGE_PRIORITIES, MESSAGE_TYPES, type Message } from '../../../../main/domain/talk/message.ts'
import { Chip, Choice, Toolbar } from '../../ui/Toolbar.tsx'
import { useWords } from '../../words/language.ts'
import { kindsIn, type TalkFilter, tasksIn } from './threads.ts'
import { roleOf } from './Who.tsx'
import { words } from './words.ts'

export function Filters({
  run,
  messages,
  filter,
  onFilter,
}: {
  readonly run: Run
  readonly messages: readonly Message[]
  readonly filter: TalkFilter
  readonly onFilter: (filter: TalkFilter) => void
}): ReactNode {
  const w = useWords(words)
  const who = useMemo(() => {
    const tasks = tasksIn(messages)
    const roles = [...new Set(tasks.flatMap((task) => roleOf(run, task) ?? []))].sort()
    return [
      { id: 'person', label: w.person },
      { id: 'engine', label: w.engine },
      ...roles.map((role) => ({ id: `role:${role}`, label: role })),
      ...tasks.map((task) => ({ id: `task:${task}`, label: run.plan.tasks[task]!.id as string })),
    ]
  }, [run, messages, w])
  const kinds = useMemo(() => kindsIn(messages), [messages])
  const set = (change: Partial<TalkFilter>): void => onFilter({ ...filter, ...change })
  return (
    <Toolbar label={w.tools}>
      <Choice
        label={w.who}
        all={w.everybody}
        options={who}
        value={filter.who}
        onChange={(to) => set({ who: to })}
      />
      <Choice
        label={w.type}
        all={w.allTypes}
        options={MESSAGE_TYPES.map((id) => ({ id, label: w.types[id] }))}
        value={filter.type}
        onChange={(type) => set({ type })}
      />
      <Choice
        label={w.priority}
        all={w.allPriorities}
        options={MESSAGE_PRIORITIES.map((n) => ({ id: String(n), label: `P${n} ${w.priorities[n]}` }))}
        value={filter.priority}
        onChange={(priority) => set({ priority })}
      />
      <Choice
        label={w.kind}
        all={w.allKinds}
        options={kinds.map((id) => ({ id, label: w.kinds[id] }))}
        value={filter.kind}
        onChange={(kind) => set({ kind })}
      />
      <Chip pressed={filter.open} onClick={() => set({ open: !filter.open })}>
        {w.openOnly}
      </Chip>
      <Chip pressed={filter.digests} onClick={() => set({ digests: !filter.digests })}>
        {w.digests}
      </Chip>
    </Toolbar>
  )
}
