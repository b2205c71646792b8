import { type FormEvent, type ReactNode, useState } from 'react'
import type { ProjectView } from '../../../../preload/contract.ts'
import { navigate } from '../../state/place.ts'
import { useBridge, useLive } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { tellFailure } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import css from './Projects.module.css'
import { words } from './words.ts'

/** An agent without an epic: `amphi spawn`. */
export function Spawn({ project }: { readonly project: ProjectView }): ReactNode {
  const w = useWords(words)
  const bridge = useBridge()
  const connected = useLive((live) => live.connection.status === 'connected')
  const [role, setRole] = useState(project.roles[0]?.name ?? '')
  const [command, setCommand] = useState('')
  const [writes, setWrites] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (unavailable !== undefined) return
    setBusy(true)
    try {
      const globs = writes.split(/\s+/).filter((glob) => glob !== '')
      const result = await bridge.request('spawn', { root: project.root, role, command, writes: globs })
      if (result.ok) navigate({ view: 'agents', run: result.run, task: undefined })
      else tellFailure({ message: result.problems.join('\n') })
    } catch (error) {
      tellFailure(error)
    } finally {
      setBusy(false)
    }
  }
  const unavailable = busy
    ? w.starting
    : !connected
      ? w.notConnected
      : command.trim() === ''
        ? w.noCommand
        : undefined
  return (
    <section>
      <h3>{w.spawn}</h3>
      <p className="muted">{w.spawnText}</p>
      <form className={css['spawn']} onSubmit={(event) => void submit(event)}>
        <label>
          <span>{w.role}</span>
          <select value={role} onChange={(event) => setRole(event.target.value)}>
            {project.roles.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label className={css['wide']}>
          <span>{w.command}</span>
          <input
            className="mono"
            value={command}
            spellCheck={false}
            placeholder="npm test"
            onChange={(event) => setCommand(event.target.value)}
          />
        </label>
        <label className={css['wide']}>
          <span>{w.writes}</span>
          <input
            className="mono"
            value={writes}
            spellCheck={false}
            placeholder="src/** docs/**"
            onChange={(event) => setWrites(event.target.value)}
          />
        </label>
        <Button type="submit" unavailable={unavailable}>
          {w.run}
        </Button>
      </form>
    </section>
  )
}
