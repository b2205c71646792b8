import { LayoutList } from 'lucide-react'
import { memo, type ReactNode } from 'react'
import { HouseIcon } from '../../frame/Logo.tsx'
import { setPreference, usePreference } from '../../state/preferences.ts'
import { Hint, IconButton } from '../../ui/Button.tsx'
import { useWords } from '../../words/language.ts'
import css from './Toolbar.module.css'
import type { TierKind } from './tiers.ts'
import { words } from './words.ts'

/** What makes a tier, and seats or list. */
export const Toolbar = memo(function Toolbar({
  kinds,
  kind,
}: {
  readonly kinds: readonly TierKind[]
  readonly kind: TierKind
}): ReactNode {
  const w = useWords(words)
  const shown = usePreference('house')
  return (
    <div className={css['toolbar']}>
      {kinds.length > 1 && (
        <fieldset className={css['group']}>
          <legend className="visually-hidden">{w.tiers}</legend>
          {kinds.map((one) => (
            <Hint key={one} text={w.kindHints[one]}>
              <button type="button" aria-pressed={one === kind} onClick={() => setPreference('tiers', one)}>
                {w.kinds[one]}
              </button>
            </Hint>
          ))}
        </fieldset>
      )}
      <fieldset className={css['group']}>
        <legend className="visually-hidden">{w.show}</legend>
        <IconButton
          label={w.asSeats}
          keys="L"
          pressed={shown === 'seats'}
          onClick={() => setPreference('house', 'seats')}
        >
          <HouseIcon size={16} />
        </IconButton>
        <IconButton
          label={w.asList}
          keys="L"
          pressed={shown === 'list'}
          onClick={() => setPreference('house', 'list')}
        >
          <LayoutList size={16} aria-hidden />
        </IconButton>
      </fieldset>
    </div>
  )
})
