import type { ReactNode } from 'react'
import type { Run } from '../../../main/domain/state.ts'
import { useNow } from '../state/clock.ts'
import { Fact, Facts, Section } from '../ui/Panel.tsx'
import { useWords } from '../words/language.ts'
import { measure } from './measures.ts'
import css from './Targets.module.css'
import { words } from './words.ts'

/** The seeds' success metrics of a run, each against its target. */
export function Targets({ run }: { readonly run: Run }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  return (
    <Section title={w.targets}>
      <Facts>
        {measure(run, now).map(({ id, value, target, met }) => (
          <Fact key={id} name={w[id]} tone={met === undefined ? undefined : met ? 'good' : 'warn'}>
            {value === undefined ? (
              <span className="muted">{run.endedAt === null ? w.tooEarly : w.tooLittle}</span>
            ) : (
              <>
                {value} <span className={css['wanted']}>{w.wanted(target)}</span>
              </>
            )}
          </Fact>
        ))}
      </Facts>
    </Section>
  )
}
