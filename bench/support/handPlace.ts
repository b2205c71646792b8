import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AGENT_IMAGE } from '../../main/runners/docker/agentImage.ts'

const PROXY = join(import.meta.dirname, '../../resources/targets/proxy.mjs')

/** What every container is held by, as ours are. */
const HARD =
  '--cap-drop ALL --security-opt no-new-privileges --read-only --tmpfs /tmp:exec,mode=1777 --init --pids-limit 512 --memory 512m --memory-swap 512m'

/**
 * A place for releases as shell scripts with docker, git and curl make it: same images, limits and proxy. The pieces
 * of script here are put together by who deploys and who goes back.
 */
export interface HandPlace {
  readonly name: string
  readonly folder: string
  readonly port: number
  /** Of `docker run` and `docker create`, for everything in it. */
  readonly label: string
  readonly hard: string
  /** The proxy is told, in a file that is on the disk before it counts, and has answered. `idle`: nothing of that is under way. */
  order(upstream: string | null, more?: { readonly holdMs?: number; readonly idle?: string }): string
  /** A container of an image, started and asked until it answers; `more` are further options. */
  start(container: string, image: string, more?: string): string
  /** Runs a script to its end. */
  sh(script: string): void
  remove(): void
}

export function handPlace(folder: string, port: number, name: string): HandPlace {
  const [orders, said] = [join(folder, 'orders'), join(folder, 'said')]
  for (const path of [orders, said]) {
    mkdirSync(path)
    chmodSync(path, 0o777)
  }
  copyFileSync(PROXY, join(folder, 'proxy.mjs'))
  writeFileSync(
    join(orders, 'orders.json'),
    '{"generation":0,"upstream":null,"holdMs":0,"idle":null,"ask":null}',
  )
  const label = `--label amphitheatre.bench=${name}`
  const sh = (script: string): void => {
    execFileSync('sh', ['-ec', script], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  sh(`docker network create --internal ${label} ${name} && docker network create ${label} ${name}-out
    docker create --name ${name}-proxy ${label} --network ${name}-out -p 127.0.0.1:${port}:8080 ${HARD} --user 1000:1000 \\
      -v ${folder}/proxy.mjs:/program/proxy.mjs:ro -v ${orders}:/orders:ro -v ${said}:/said ${AGENT_IMAGE} node /program/proxy.mjs
    docker network connect ${name} ${name}-proxy && docker start ${name}-proxy`)
  let generation = 0
  return {
    name,
    folder,
    port,
    label,
    hard: HARD,
    sh,
    order: (upstream, { holdMs = 0, idle } = {}) => {
      const to = upstream === null ? 'null' : `{"host":"${upstream}","port":3000}`
      const asked = idle === undefined ? 'null' : `"${idle}:3000"`
      generation++
      return `echo '{"generation":${generation},"upstream":${to},"holdMs":${holdMs},"idle":${asked}}' > ${orders}/new
        sync ${orders}/new; mv ${orders}/new ${orders}/orders.json; sync ${orders}
        until grep -q '"generation":${generation},${idle === undefined ? '' : `"idle":${asked},`}' ${said}/said.json; do sleep 0.01; done`
    },
    start: (container, image, more = '') =>
      `docker run -d --name ${container} ${label} --network ${name} --network-alias ${container} ${HARD} --user 1000:1000 \\
          --restart unless-stopped -e PORT=3000 ${more} ${image}
        docker exec ${name}-proxy sh -c 'until curl -fs http://${container}:3000/health; do sleep 0.05; done'`,
    remove: () =>
      sh(`docker ps -aq --filter label=amphitheatre.bench=${name} | xargs -r docker rm -fv
        docker volume ls -q --filter label=amphitheatre.bench=${name} | xargs -r docker volume rm
        docker network rm ${name} ${name}-out
        for tag in $(docker images --format '{{.Repository}}:{{.Tag}}' --filter reference='amphitheatre/bench-keep:${name}*'); do docker rmi $tag; done`),
  }
}

/** How long a script took, ms from its start. */
export interface Scripted {
  readonly verifiedMs: number
  /** Its steps by name, in order: each from the end of the one before. */
  readonly steps: Readonly<Record<string, number>>
}

/** Until the script says `VERIFIED` on a line; it goes on to its end before this resolves. Lines `STEP name` end a step. */
export async function untilVerified(script: string): Promise<Scripted> {
  const began = performance.now()
  const child = spawn('sh', ['-ec', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const over = once(child, 'close')
  const steps: Record<string, number> = {}
  let verifiedMs: number | undefined
  let [said, last] = ['', began]
  for await (const chunk of child.stdout) {
    said += String(chunk)
    const now = performance.now()
    for (const [, name] of said.matchAll(/^STEP (\w+)$/gm)) {
      if (Object.hasOwn(steps, name!)) continue
      steps[name!] = now - last
      last = now
    }
    if (/^VERIFIED$/m.test(said)) verifiedMs ??= now - began
  }
  const [code] = (await over) as [number]
  if (code !== 0 || verifiedMs === undefined) throw new Error(`the script ended with ${code}: ${said}`)
  return { verifiedMs, steps }
}
