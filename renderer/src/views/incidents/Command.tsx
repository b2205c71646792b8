import type { ReactNode } from 'react'
import type { Incident } from '../../../../main/domain/incidents/incident.ts'
import { titleOfChoice } from '../../../../main/domain/incidents/views.ts'
import { useNow } from '../../state/clock.ts'
import { usePreference } from '../../state/preferences.ts'
import { Fact, Facts, Section } from '../../ui/Panel.tsx'
import { useWords } from '../../words/language.ts'
import { timeText } from '../events/timeText.ts'
import { choiceText, whoText } from './names.ts'
import { words } from './words.ts'

/** Who leads, who was called, who took it, who decided what. */
export function Command({ incident }: { readonly incident: Incident }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const language = usePreference('language')
  const { lead, commander, called, acknowledged, decision } = incident
  const by = (one: { readonly by: string; readonly at: number }): string =>
    `${whoText(w, one.by)} ${timeText(one.at, now, language)}`
  return (
    <Section title={w.command}>
      <Facts>
        <Fact name={w.lead}>{lead ?? <span className="muted">{w.nobody}</span>}</Fact>
        <Fact name={w.commander}>
          {commander === null ? <span className="muted">{w.nobody}</span> : whoText(w, commander)}
        </Fact>
        {called !== null && (
          <Fact name={w.called} tone="warn">
            {called.why === incident.title
              ? whoText(w, called.whom)
              : `${whoText(w, called.whom)}: ${called.why}`}
          </Fact>
        )}
        {acknowledged !== null && <Fact name={w.acknowledgedBy}>{by(acknowledged)}</Fact>}
        {decision !== null && (
          <Fact name={w.approved}>
            {choiceText(w, decision.choice, titleOfChoice(incident, decision.choice))} · {by(decision)}
          </Fact>
        )}
      </Facts>
    </Section>
  )
}
