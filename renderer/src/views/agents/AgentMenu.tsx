import { ContextMenu } from '@base-ui/react/context-menu'
import { Menu } from '@base-ui/react/menu'
import { Ellipsis } from 'lucide-react'
import type { HTMLAttributes, ReactNode } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { type TaskVerb, useTaskActions } from '../../actions/taskActions.ts'
import menu from '../../ui/Menu.module.css'
import { useWords } from '../../words/language.ts'
import css from './AgentList.module.css'
import { words } from './words.ts'

interface Of {
  readonly run: Run
  readonly index: number
}

/** A row with its actions: on the right button, on the menu key, and on the dots at its end. */
export function AgentMenu({
  run,
  index,
  row,
  selected,
  children,
}: Of & {
  readonly row: HTMLAttributes<HTMLDivElement>
  readonly selected: boolean
  readonly children: ReactNode
}): ReactNode {
  const w = useWords(words)
  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger
        render={<div {...row} className={css['row']} data-selected={selected || undefined} />}
      >
        {children}
        <div {...CELL} className={css['dots']}>
          <Menu.Root>
            <Menu.Trigger
              aria-label={w.actions(run.plan.tasks[index]!.title)}
              tabIndex={-1}
              onClick={(event) => event.stopPropagation()}
            >
              <Ellipsis size={14} aria-hidden />
            </Menu.Trigger>
            <Menu.Portal>
              <Menu.Positioner sideOffset={4} align="end" className={menu['positioner']}>
                <Menu.Popup className={menu['popup']} onClick={(event) => event.stopPropagation()}>
                  <Items run={run} index={index} />
                </Menu.Popup>
              </Menu.Positioner>
            </Menu.Portal>
          </Menu.Root>
        </div>
      </ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Positioner className={menu['positioner']}>
          <ContextMenu.Popup className={menu['popup']}>
            <Items run={run} index={index} />
          </ContextMenu.Popup>
        </ContextMenu.Positioner>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  )
}

const VERBS: readonly (readonly TaskVerb[])[] = [
  ['terminal', 'pauseAgent', 'continueAgent', 'stopAgent', 'stopAgentNow'],
  ['retry', 'skip', 'rerun'],
  ['copyName'],
]

const CELL = { role: 'gridcell' } as const

/** Only while it is open: every reason is asked of the engine's rules. */
function Items({ run, index }: Of): ReactNode {
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
