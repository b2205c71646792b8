import { Menu } from '@base-ui/react/menu'
import type { ReactNode } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { type TaskVerb, useTaskActions } from '../../actions/taskActions.ts'
import menu from '../../ui/Menu.module.css'

/** Where a row's menu was asked for: at the pointer, or below the row's dots. */
export interface MenuAt {
  readonly index: number
  readonly anchor: { getBoundingClientRect(): DOMRect }
}

/** One menu for all rows of the list: a menu of its own in each would make scrolling slow. */
export function AgentMenu({
  run,
  at,
  onClose,
}: {
  readonly run: Run
  /** Closed while undefined. */
  readonly at: MenuAt | undefined
  readonly onClose: () => void
}): ReactNode {
  return (
    <Menu.Root open={at !== undefined} onOpenChange={(open) => !open && onClose()}>
      <Menu.Portal>
        <Menu.Positioner
          anchor={at?.anchor ?? null}
          sideOffset={2}
          align="start"
          className={menu['positioner']}
        >
          <Menu.Popup className={menu['popup']}>
            {at !== undefined && <Items run={run} index={at.index} />}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}

const VERBS: readonly (readonly TaskVerb[])[] = [
  ['terminal', 'pauseAgent', 'continueAgent', 'stopAgent', 'stopAgentNow', 'releaseLocks'],
  ['retry', 'skip', 'rerun'],
  ['copyName'],
]

/** Only while it is open: every reason is asked of the engine's rules. */
function Items({ run, index }: { readonly run: Run; readonly index: number }): ReactNode {
  const actions = useTaskActions(run, index)
  if (actions === undefined) return null
  return VERBS.map((group, place) => (
    <Menu.Group key={group[0]}>
      {place > 0 && <Menu.Separator className={menu['line']} />}
      {group.map((verb) => {
        const { label, unavailable, danger, perform } = actions[verb]
        return (
          <Menu.Item
            key={verb}
            className={`${menu['item']} ${danger === true ? menu['danger'] : ''}`}
            disabled={unavailable !== undefined}
            onClick={perform}
          >
            {label}
            {unavailable !== undefined && <small>{unavailable}</small>}
          </Menu.Item>
        )
      })}
    </Menu.Group>
  ))
}
