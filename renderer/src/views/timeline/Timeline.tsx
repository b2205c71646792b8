import { Minus, Plus } from 'lucide-react'
import { type ReactNode, useMemo, useState } from 'react'
import { useNow } from '../../state/clock.ts'
import { navigate } from '../../state/place.ts'
import { useSelectedRunId } from '../../state/selectedRun.ts'
import { Button, Hint, IconButton } from '../../ui/Button.tsx'
import { Empty, Loading, Trouble } from '../../ui/Notice.tsx'
import { Chip, Space, Toolbar } from '../../ui/Toolbar.tsx'
import { useWords } from '../../words/language.ts'
import type { Chart } from './bars.ts'
import { criticalChain } from './figures.ts'
import { Gantt } from './Gantt.tsx'
import { Replay } from './Replay.tsx'
import css from './Timeline.module.css'
import { useChart } from './useChart.ts'
import { words } from './words.ts'

/** A run as it went: every attempt as a bar over time, and any moment of it again. */
export function Timeline(): ReactNode {
  const w = useWords(words)
  const id = useSelectedRunId()
  const found = useChart(id)
  if (id === undefined) {
    return (
      <Empty
        title={w.noRun}
        action={<Button onClick={() => navigate({ view: 'projects' })}>{w.start}</Button>}
      >
        {w.noRunText}
      </Empty>
    )
  }
  switch (found.status) {
    case 'loading':
      return <Loading />
    case 'failed':
      return <Trouble error={found.error} onRetry={found.retry} />
    case 'missing':
      return (
        <Empty
          title={w.missing}
          action={<Button onClick={() => navigate({ view: 'runs' })}>{w.runs}</Button>}
        >
          {w.missingText}
        </Empty>
      )
    case 'ready':
      return <OneRun key={id} chart={found.value} />
  }
}

/** Each step of the zoom. */
const STEP = 1.5

function OneRun({ chart }: { readonly chart: Chart }): ReactNode {
  const w = useWords(words)
  const clock = useNow()
  const { run } = chart
  const now = run.endedAt ?? Math.max(clock, chart.events.at(-1)!.time)
  /** Px a ms; undefined fits the whole run into the width. */
  const [scale, setScale] = useState<number | undefined>()
  const [fitted, setFitted] = useState(0)
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set())
  const [showsChain, setShowsChain] = useState(false)
  const [moment, setMoment] = useState<number | undefined>()
  const chain = useMemo(() => (showsChain ? criticalChain(chart, now) : undefined), [chart, showsChain, now])
  const zoom = (factor: number): void => {
    const next = (scale ?? fitted) * factor
    setScale(next <= fitted ? undefined : next)
  }
  const all = folded.size === run.plan.phases.length
  return (
    <div className={css['timeline']}>
      <Toolbar label={w.tools}>
        <IconButton label={w.zoomOut} keys="-" onClick={() => zoom(1 / STEP)}>
          <Minus size={16} aria-hidden />
        </IconButton>
        <IconButton label={w.zoomIn} keys="+" onClick={() => zoom(STEP)}>
          <Plus size={16} aria-hidden />
        </IconButton>
        <Chip pressed={scale === undefined} onClick={() => setScale(undefined)}>
          {w.fit}
        </Chip>
        <Hint text={w.criticalHint}>
          <span>
            <Chip pressed={showsChain} onClick={() => setShowsChain(!showsChain)}>
              {w.critical}
            </Chip>
          </span>
        </Hint>
        <Space />
        <Button
          look="quiet"
          onClick={() => setFolded(all ? new Set() : new Set(run.plan.phases.map((_, i) => i)))}
        >
          {all ? w.unfold : w.fold}
        </Button>
      </Toolbar>
      <Gantt
        chart={chart}
        now={now}
        scale={scale}
        onScale={setScale}
        onFitted={setFitted}
        folded={folded}
        onFold={setFolded}
        chain={chain}
        moment={moment}
        onMoment={setMoment}
      />
      <Replay chart={chart} now={now} moment={moment} onMoment={setMoment} />
    </div>
  )
}
