import { Autocomplete } from '@base-ui/react/autocomplete'
import { type ReactNode, useMemo } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { useWords } from '../../words/language.ts'
import css from './Composer.module.css'
import { type Address, addressesOf, completions } from './compose.ts'
import { words } from './words.ts'

/** More than this are found by typing on. */
const MOST = 50

/** Whom a message goes to: any address, completed from those there are. */
export function AddressField({
  run,
  value,
  onChange,
}: {
  readonly run: Run
  readonly value: string
  readonly onChange: (to: string) => void
}): ReactNode {
  const w = useWords(words)
  const all = useMemo(() => addressesOf(run), [run])
  const found = useMemo(() => completions(all, value, MOST), [all, value])
  return (
    <Autocomplete.Root<Address>
      items={all}
      filteredItems={found}
      itemToStringValue={(address) => address.to}
      value={value}
      onValueChange={onChange}
      openOnInputClick
      autoHighlight
    >
      <Autocomplete.Input className={css['to']} aria-label={w.toLabel} placeholder={w.toHint} />
      <Autocomplete.Portal>
        <Autocomplete.Positioner sideOffset={4} align="start" className={css['positioner']}>
          <Autocomplete.Popup className={css['popup']}>
            <Autocomplete.Empty className={css['none']}>{w.noAddress}</Autocomplete.Empty>
            <Autocomplete.List>
              {(address: Address) => (
                <Autocomplete.Item
                  key={`${address.kind} ${address.to}`}
                  value={address}
                  className={css['item']}
                >
                  <span>{address.to}</span>
                  <span className="muted">{w.addresses[address.kind](address.count)}</span>
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Popup>
        </Autocomplete.Positioner>
      </Autocomplete.Portal>
    </Autocomplete.Root>
  )
}
