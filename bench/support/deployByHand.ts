import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AGENT_IMAGE } from '../../main/runners/docker/agentImage.ts'

const PROXY = join(import.meta.dirname, '../../resources/targets/proxy.mjs')

/**
 * The same deployment as a shell script would do it, with the docker and git commands: same images, limits, proxy and
 * steps, a point to go back to (commit, image, a file that names both) before anything is touched.
 */
export interface ByHand {
  /** Resolves when the old version is stopped, to how long it took until the new one was verified; ms. */
  deploy(image: string): Promise<number>
  remove(): void
}

export function deployByHand(folder: string, root: string, port: number, name: string): ByHand {
  const [orders, said] = [join(folder, 'orders'), join(folder, 'said')]
  for (const path of [orders, said]) {
    mkdirSync(path)
    chmodSync(path, 0o777)
  }
  copyFileSync(PROXY, join(folder, 'proxy.mjs'))
  writeFileSync(join(orders, 'orders.json'), '{"generation":0,"upstream":null,"holdMs":0,"idle":null}')
  const hard =
    '--cap-drop ALL --security-opt no-new-privileges --read-only --tmpfs /tmp --init --user 1000:1000 --pids-limit 512 --memory 512m --memory-swap 512m --restart unless-stopped'
  const label = `--label amphitheatre.bench=${name}`
  const sh = (script: string): void => {
    execFileSync('sh', ['-ec', script], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  sh(`docker network create --internal ${label} ${name} && docker network create ${label} ${name}-out
    docker create --name ${name}-proxy ${label} --network ${name}-out -p 127.0.0.1:${port}:8080 ${hard} \\
      -v ${folder}/proxy.mjs:/program/proxy.mjs:ro -v ${orders}:/orders:ro -v ${said}:/said ${AGENT_IMAGE} node /program/proxy.mjs
    docker network connect ${name} ${name}-proxy && docker start ${name}-proxy`)
  sh(`git init -q --bare ${folder}/points.git`)
  let count = 0
  return {
    deploy: async (image) => {
      const [now, before] = [`${name}-${++count}`, `${name}-${count - 1}`]
      return untilVerified(
        `id=$(docker image inspect -f '{{.Id}}' ${image}); docker tag $id amphitheatre/bench-keep:${name}
        head=$(git -C ${root} rev-parse HEAD)
        git -C ${folder}/points.git fetch -q ${root} $head:refs/points/${count}
        old=$(docker inspect -f '{{.Image}}' ${before} 2>/dev/null || echo none)
        [ $old = none ] || docker tag $old amphitheatre/bench-keep:${name}-old
        echo "{\\"commit\\":\\"$head\\",\\"image\\":\\"$old\\"}" > ${folder}/point.new; sync ${folder}/point.new
        mv ${folder}/point.new ${folder}/point-${count}.json; sync ${folder}
        docker run -d --name ${now} ${label} --network ${name} --network-alias ${now} ${hard} -e PORT=3000 $id
        docker exec ${name}-proxy sh -c 'until curl -fs http://${now}:3000/health; do sleep 0.05; done'
        echo '{"generation":${count},"upstream":{"host":"${now}","port":3000},"holdMs":0,"idle":null}' > ${orders}/new
        sync ${orders}/new; mv ${orders}/new ${orders}/orders.json; sync ${orders}
        until grep -q '"generation":${count}' ${said}/said.json; do sleep 0.01; done
        curl -fs http://127.0.0.1:${port}/health && curl -fs http://127.0.0.1:${port}/
        echo; echo VERIFIED
        docker inspect ${before} >/dev/null 2>&1 && docker stop -t 10 ${before} || true`,
      )
    },
    remove: () => {
      sh(`docker ps -aq --filter label=amphitheatre.bench=${name} | xargs -r docker rm -fv
        docker network rm ${name} ${name}-out; docker rmi amphitheatre/bench-keep:${name} amphitheatre/bench-keep:${name}-old`)
    },
  }
}

/** Ms until the script says so; it goes on to its end before this resolves. */
async function untilVerified(script: string): Promise<number> {
  const began = performance.now()
  const child = spawn('sh', ['-ec', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const over = once(child, 'close')
  let verified: number | undefined
  let said = ''
  for await (const chunk of child.stdout) {
    said += String(chunk)
    if (/^VERIFIED$/m.test(said)) verified ??= performance.now() - began
  }
  const [code] = (await over) as [number]
  if (code !== 0 || verified === undefined) throw new Error(`the script ended with ${code}: ${said}`)
  return verified
}
