import { type HandPlace, untilVerified } from './handPlace.ts'

/**
 * The same deployment as a shell script would do it, with the docker and git commands: same images, limits, proxy and
 * steps, a point to go back to (commit, image, a file that names both) before anything is touched.
 */
export interface ByHand {
  /** Resolves when the old version is stopped, to how long it took until the new one was verified; ms. */
  deploy(image: string): Promise<number>
}

export function deployByHand(place: HandPlace, root: string): ByHand {
  const { folder, name, port } = place
  place.sh(`git init -q --bare ${folder}/points.git`)
  let count = 0
  return {
    deploy: async (image) => {
      const [now, before] = [`${name}-${++count}`, `${name}-${count - 1}`]
      const { verifiedMs } = await untilVerified(
        `id=$(docker image inspect -f '{{.Id}}' ${image}); docker tag $id amphitheatre/bench-keep:${name}
        head=$(git -C ${root} rev-parse HEAD)
        git -C ${folder}/points.git fetch -q ${root} $head:refs/points/${count}
        old=$(docker inspect -f '{{.Image}}' ${before} 2>/dev/null || echo none)
        [ $old = none ] || docker tag $old amphitheatre/bench-keep:${name}-old
        echo "{\\"commit\\":\\"$head\\",\\"image\\":\\"$old\\"}" > ${folder}/point.new; sync ${folder}/point.new
        mv ${folder}/point.new ${folder}/point-${count}.json; sync ${folder}
        ${place.start(now, '$id')}
        ${place.order(now)}
        curl -fs http://127.0.0.1:${port}/health && curl -fs http://127.0.0.1:${port}/
        echo; echo VERIFIED
        docker inspect ${before} >/dev/null 2>&1 && docker stop -t 10 ${before} || true`,
      )
      return verifiedMs
    },
  }
}
