import { type ReactNode, useMemo } from 'react'
import { formatBytes } from '../../../../main/domain/bytes.ts'
import type { Run } from '../../../../main/domain/state.ts'
import type { PublishedArtifact } from '../../../../main/domain/talk/talk.ts'
import { navigate } from '../../state/place.ts'
import { Button } from '../../ui/Button.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { type Column, Table } from '../../ui/Table.tsx'
import { tell, tellFailure } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import css from './Context.module.css'
import { holds } from './entities.ts'
import { When } from './When.tsx'
import { words } from './words.ts'

/** Files the run's agents published, the newest first. */
export function Artifacts({
  run,
  text,
  onClear,
}: {
  readonly run: Run | undefined
  readonly text: string
  readonly onClear: () => void
}): ReactNode {
  const w = useWords(words)
  const all = run?.talk.artifacts ?? NONE
  const rows = all
    .filter(({ path, type, task }) => holds([path, type, run?.plan.tasks[task]?.id ?? ''], text))
    .toReversed()
  const columns = useMemo(
    (): readonly Column<PublishedArtifact>[] => [
      {
        id: 'path',
        head: w.path,
        width: 'minmax(140px, 3fr)',
        sortBy: ({ path }) => path,
        cell: ({ path }) => <code title={path}>{path}</code>,
      },
      { id: 'type', head: w.type, width: '72px', sortBy: ({ type }) => type, cell: ({ type }) => type },
      {
        id: 'size',
        head: w.size,
        width: '64px',
        align: 'end',
        sortBy: ({ bytes }) => bytes ?? undefined,
        cell: ({ bytes }) => (bytes === null ? '' : formatBytes(bytes)),
      },
      {
        id: 'hash',
        head: w.hash,
        width: '96px',
        cell: ({ hash }) =>
          hash === null ? (
            <span className="muted">{w.named}</span>
          ) : (
            <button
              type="button"
              className={css['hash']}
              title={w.copyHash}
              onClick={() =>
                navigator.clipboard.writeText(hash).then(() => tell(w.copied(hash.slice(0, 12))), tellFailure)
              }
            >
              {hash.slice(0, 12)}
            </button>
          ),
      },
      {
        id: 'task',
        head: w.task,
        width: 'minmax(72px, 1fr)',
        sortBy: ({ task }) => run?.plan.tasks[task]?.id,
        cell: ({ task }) => run?.plan.tasks[task]?.id ?? '',
      },
      {
        id: 'time',
        head: w.time,
        width: '92px',
        sortBy: ({ at }) => at,
        cell: ({ at }) => <When at={at} />,
      },
    ],
    [w, run],
  )
  return (
    <Table<PublishedArtifact>
      label={w.artifacts}
      columns={columns}
      rows={rows}
      keyOf={({ path, hash, task, at }) => `${path} ${hash} ${task} ${at}`}
      rowHeight={32}
      onActivate={({ task }) => navigate({ task: run?.plan.tasks[task]?.id })}
      empty={
        all.length === 0 ? (
          <Empty title={w.noArtifacts}>{w.noArtifactsText}</Empty>
        ) : (
          <Empty title={w.noMatch} action={<Button onClick={onClear}>{w.clear}</Button>} />
        )
      }
    />
  )
}

const NONE: readonly PublishedArtifact[] = []
