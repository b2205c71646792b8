import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Incident, isActive } from '../../main/domain/incidents/incident.ts'
import type { ProjectRecord } from '../../main/domain/state.ts'
import { freePort } from '../../main/targets/testing/bench.ts'
import { type AmphiResult, amphi, PROJECT_ROOT } from './amphi.ts'
import { commitAll, git, type Playground, playground } from './repository.ts'
import { onlyProject, removeTargets } from './targets.ts'

const LONG = { timeout: 120_000, interval: 200 }
const PAGES_A_LOOK = 5

/** The sample shop as a newcomer has it, at a port of its own. */
export interface Storefront {
  readonly place: Playground
  readonly url: string
  /** `amphi`, by whatever exit code. */
  here(...args: readonly string[]): Promise<AmphiResult>
  /** The same; it has to end with that exit code. */
  must(code: number, ...args: readonly string[]): Promise<AmphiResult>
  /** Status and body. */
  ask(path: string, body?: unknown): Promise<readonly [number, unknown]>
  record(): Promise<ProjectRecord>
  incident(id: string): Promise<Incident>
  /** Once it is as wanted. */
  incidentWhere(id: string, isSo: (incident: Incident) => boolean): Promise<Incident>
  /** Asks for pages until an incident opens by itself, and gives its id; an engine has to look. */
  leak(): Promise<string>
  head(): string
  remove(): Promise<void>
}

export async function storefront(): Promise<Storefront> {
  const port = await freePort()
  const place = playground({ 'placeholder.txt': '' })
  cpSync(join(PROJECT_ROOT, 'resources/samples/storefront'), place.root, { recursive: true })
  const file = join(place.root, 'amphitheatre.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace('port: 8484', `port: ${port}`))
  // An image of its own: another test's of the same would be taken away with it.
  writeFileSync(join(place.root, 'web/place.txt'), place.root)
  commitAll(place.root, 'The storefront')
  const url = `http://127.0.0.1:${port}`

  const here = (...args: readonly string[]): Promise<AmphiResult> =>
    amphi([...args, '--data', place.data], { cwd: place.root })
  const record = (): Promise<ProjectRecord> => onlyProject(place.data)

  const ask: Storefront['ask'] = async (path, body) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const answer = await fetch(`${url}${path}`, { ...init, headers: { connection: 'close' } })
    return [answer.status, await answer.json()]
  }
  const incident = async (id: string): Promise<Incident> =>
    (await record()).incidents.find((one) => one.id === id)!

  return {
    place,
    url,
    here,
    must: async (code, ...args) => {
      const result = await here(...args)
      expect(result.code, `${args.join(' ')}: ${result.stdout}${result.stderr}`).toBe(code)
      return result
    },
    ask,
    record,
    incident,
    incidentWhere: async (id, isSo) => {
      await expect.poll(async () => isSo(await incident(id)), LONG).toBe(true)
      return incident(id)
    },
    leak: async () => {
      let id: string | undefined
      const opened = async (): Promise<string | undefined> => {
        for (let n = 0; n < PAGES_A_LOOK; n++) await ask('/products').catch(() => undefined)
        id = (await record()).incidents.find(isActive)?.id
        return id
      }
      await expect.poll(opened, LONG).toBeDefined()
      return id!
    },
    head: () => git(place.root, 'rev-parse', 'main').trim(),
    remove: async () => {
      await removeTargets(place.data)
      place.remove()
    },
  }
}
