import { expect } from 'vitest'
import type { ProjectRecord } from '../../main/domain/state.ts'
import { freePort } from '../../main/targets/testing/bench.ts'
import { type AmphiResult, amphi } from './amphi.ts'
import { type Playground, playground } from './repository.ts'
import { onlyProject, removeReleased } from './targets.ts'

/** A repository with a service in `app/`, a target `staging` in local Docker at a port of its own, and `amphi` in it. */
export interface Shop {
  readonly place: Playground
  readonly port: number
  /** `amphi`, by whatever exit code. */
  here(...args: readonly string[]): Promise<AmphiResult>
  /** The same; it has to end well. */
  done(...args: readonly string[]): Promise<AmphiResult>
  record(): Promise<ProjectRecord>
  /** What the service answers. */
  get(path: string): Promise<string>
  /** Takes all of it away but the images it released, which it answers: others may have the same. */
  remove(): Promise<readonly string[]>
}

export interface ShopFile {
  /** Of the target, beside its place: YAML, a line each. */
  readonly target: readonly string[]
  /** More of them than DeployCommander. */
  readonly agents?: readonly string[]
  /** YAML, indented by two. */
  readonly epics: string
}

export async function shop(file: ShopFile, files: Readonly<Record<string, string>>): Promise<Shop> {
  const port = await freePort()
  const place = playground({ 'amphitheatre.yaml': shopFile(port, file), ...files })
  const here: Shop['here'] = (...args) => amphi([...args, '--data', place.data], { cwd: place.root })
  return {
    place,
    port,
    here,
    done: async (...args) => {
      const result = await here(...args)
      expect(result.code, `${args.join(' ')}: ${result.stdout}${result.stderr}`).toBe(0)
      return result
    },
    record: () => onlyProject(place.data),
    get: async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text(),
    remove: async () => {
      const images = await removeReleased(place.data)
      place.remove()
      return images
    },
  }
}

/** `amphitheatre.yaml`. */
export function shopFile(port: number, { target, agents = [], epics }: ShopFile): string {
  return `version: 1
name: shop
agents:
  - {name: DeployCommander, role: Deployment, skills: [deploy]}
${agents.map((agent) => `  - ${agent}\n`).join('')}targets:
  staging:
    docker:
      port: ${port}
      service: {port: 3000, health: {path: /health, interval: 50ms, within: 30s}}
${target.map((line) => `    ${line}\n`).join('')}epics:
${epics}`
}

/** The files of an image, where the shop's releases are built. */
export function inApp(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`app/${name}`, text]))
}
