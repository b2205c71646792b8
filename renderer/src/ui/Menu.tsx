import { Menu as Base } from '@base-ui/react/menu'
import type { ReactElement, ReactNode } from 'react'
import css from './Menu.module.css'

export interface MenuItem {
  readonly id: string
  readonly label: ReactNode
  readonly keys?: string
  /** Why it cannot be chosen now. */
  readonly unavailable?: string | undefined
  readonly danger?: boolean
  readonly checked?: boolean
  readonly onChoose: () => void
}

/** Groups are divided by a line. */
export function Menu({
  trigger,
  groups,
  align = 'end',
}: {
  readonly trigger: ReactElement
  readonly groups: readonly (readonly MenuItem[])[]
  readonly align?: 'start' | 'end'
}): ReactNode {
  const shown = groups.filter((group) => group.length > 0)
  return (
    <Base.Root>
      <Base.Trigger render={trigger as ReactElement<Record<string, unknown>>} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} className={css['positioner']}>
          <Base.Popup className={css['popup']}>
            {shown.map((group, index) => (
              <Base.Group key={group[0]!.id}>
                {index > 0 && <Base.Separator className={css['line']} />}
                {group.map((item) => (
                  <Base.Item
                    key={item.id}
                    className={`${css['item']} ${item.danger === true ? css['danger'] : ''}`}
                    disabled={item.unavailable !== undefined}
                    onClick={item.onChoose}
                  >
                    <span className={css['label']}>
                      {item.checked !== undefined && (
                        <span className={css['tick']}>{item.checked ? '✓' : ''}</span>
                      )}
                      {item.label}
                    </span>
                    {item.unavailable !== undefined && <small>{item.unavailable}</small>}
                    {item.keys !== undefined && <kbd>{item.keys}</kbd>}
                  </Base.Item>
                ))}
              </Base.Group>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
