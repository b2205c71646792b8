import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MEASURE } from '../../main/points/postgres/measure.ts'
import { POSTGRES_IMAGE } from '../../main/runners/docker/postgresImage.ts'
import type { BenchData } from './benchData.ts'
import { type HandPlace, type Scripted, untilVerified } from './handPlace.ts'

/** As the program starts it: where the data are, and nothing else set. */
const START = [
  'set -e; initdb -D /data/db -U postgres --auth-local=trust --auth-host=scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-instructions',
  'exec postgres -D /data/db -c jit=off -c listen_addresses=* -c unix_socket_directories=/tmp',
].join('; ')

/** One transaction: its snapshot is dumped to descriptor 3, and every table is counted and summed as of the same moment. */
const DUMP = (database: string): string => `BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS snap \\gset
\\setenv SNAP :snap
\\! pg_dump -Fc -Z1 --no-password --snapshot=$SNAP -U postgres -d ${database} >&3 || echo FAILED
${MEASURE}
COMMIT;
`

/**
 * Going back as a careful shell script would: the present kept first (commit, image, a dump with rows and checksums of
 * every table, on the disk), the old data restored beside it and compared, requests held, names exchanged, the old image
 * started and asked, the branch put back, all of it verified. What is kept is what the program keeps.
 */
export interface RollbackByHand {
  sql(text: string): string
  /** What stands before a release: a point of the present, for `back` to go to. */
  release(image: string): void
  /** To the point of the last `release`. */
  back(): Promise<Scripted>
}

export function rollbackByHand(place: HandPlace, root: string, data: BenchData): RollbackByHand {
  const { folder, name, label, hard, port, sh } = place
  const database = `${name}-database`
  const psql = `docker exec -i ${database} psql -X -q -A -t -v ON_ERROR_STOP=1`
  writeFileSync(join(folder, 'dump.sql'), DUMP(data.name))
  writeFileSync(join(folder, 'measure.sql'), `${MEASURE}\n`)
  sh(`docker volume create ${label} ${name}
    docker run -d --name ${database} ${label} --network ${name} --network-alias database ${hard} --user postgres --shm-size 128m \\
      --restart unless-stopped --stop-signal SIGINT -e PGHOST=/tmp -e PGUSER=postgres -e HOME=/tmp -v ${name}:/data ${POSTGRES_IMAGE} sh -c '${START}'
    until docker exec ${database} pg_isready -q; do sleep 0.1; done
    git init -q --bare ${folder}/points.git`)
  const sql = (text: string, on = data.name): string =>
    execFileSync('sh', ['-c', `${psql} -d ${on}`], { input: text, encoding: 'utf8' }).trim()
  sql(
    `CREATE ROLE owner LOGIN; CREATE ROLE reader LOGIN; CREATE DATABASE ${data.name} OWNER owner;`,
    'postgres',
  )
  let count = 0
  let releases = 0
  const service = (n: number): string => `${name}-${n}`
  const release = (image: string): void => {
    const [now, before] = [service(++releases), service(releases - 1)]
    if (releases > 1) sh(keep(`point-${releases}`, before))
    sh(`${place.start(now, image)}
      ${place.order(now)}
      curl -fs http://127.0.0.1:${port}/health`)
    if (releases > 1) sh(`docker update --restart no ${before}; docker stop -t 10 ${before}`)
  }
  /** A point of the present: a folder that has its name only when all of it is on the disk. */
  const keep = (point: string, current: string): string => `
    p=${folder}/${point}; rm -rf $p $p.new; mkdir -m 700 $p.new
    docker exec ${database} pg_isready -q
    head=$(git -C ${root} rev-parse HEAD); branch=$(git -C ${root} symbolic-ref --short HEAD)
    git -C ${folder}/points.git fetch -q ${root} $head:refs/points/${point}
    image=$(docker inspect -f '{{.Image}}' ${current}); tag=$(echo $image | cut -c8-31)
    docker tag $image amphitheatre/bench-keep:${name}-$tag
    docker inspect ${name}-keep-$tag >/dev/null 2>&1 || docker create --name ${name}-keep-$tag ${label} --network none $image true
    docker exec -i ${database} sh -c 'exec 3>&1; exec psql -X -q -A -t -v ON_ERROR_STOP=1 -d ${data.name} >&2' \\
      < ${folder}/dump.sql > $p.new/dump 2> $p.new/measure
    if grep -q FAILED $p.new/measure; then cat $p.new/measure >&2; exit 1; fi; test -s $p.new/dump
    (cd $p.new; sha256sum dump > sum)
    echo "{\\"commit\\":\\"$head\\",\\"branch\\":\\"$branch\\",\\"image\\":\\"$image\\"}" > $p.new/point.json
    sync $p.new/dump $p.new/measure $p.new/sum $p.new/point.json; sync $p.new; mv $p.new $p; sync ${folder}`
  return {
    sql,
    release,
    back: () => {
      const [from, old] = [service(releases), service(++releases)]
      const [scratch, point] = [`scratch_${++count}`, `${folder}/point-${releases - 1}`]
      return untilVerified(`exec 4>&1 >/dev/null; step() { echo STEP $1 >&4; }
        ${keep(`saved-${count}`, from)}
        ${count > 2 ? `${psql} -d postgres -c 'DROP DATABASE ${data.name}_since_${count - 2} WITH (FORCE)'` : ''}
        step save
        (cd ${point}; sha256sum -c --quiet sum)
        ${psql} -d postgres -c 'CREATE DATABASE ${scratch} TEMPLATE template0 OWNER owner'
        docker exec -i ${database} pg_restore --exit-on-error --single-transaction --no-password -U owner -d ${scratch} < ${point}/dump
        ${psql} -d ${scratch} < ${folder}/measure.sql > ${folder}/measured; cmp ${folder}/measured ${point}/measure
        ${psql} -d postgres -c 'GRANT CONNECT ON DATABASE ${scratch} TO reader'
        step scratch
        echo '{"held":"${from}"}' > ${folder}/held.new; sync ${folder}/held.new; mv ${folder}/held.new ${folder}/held.json; sync ${folder}
        ${place.order(null, { holdMs: 600_000, idle: from })}
        docker update --restart no ${from}; docker stop -t 10 ${from}
        step hold
        echo '{"held":"${from}","exchanged":true}' > ${folder}/held.new; sync ${folder}/held.new; mv ${folder}/held.new ${folder}/held.json; sync ${folder}
        ${psql} -d postgres <<'SQL'
${exchange(data.name, scratch, `${data.name}_since_${count}`)}
SQL
        step database
        image=$(sed 's/.*"image":"\\([^"]*\\)".*/\\1/' ${point}/point.json); docker image inspect $image >/dev/null
        ${place.start(old, '$image')}
        ${place.order(old)}
        curl -fs http://127.0.0.1:${port}/health && curl -fs http://127.0.0.1:${port}/
        rm ${folder}/held.json
        step image
        test -z "$(git -C ${root} status --porcelain --untracked-files=no)"
        git -C ${root} branch -f rollback/by-hand
        git -C ${root} reset -q --keep $(sed 's/.*"commit":"\\([^"]*\\)".*/\\1/' ${point}/point.json)
        step branch
        curl -fs http://127.0.0.1:${port}/health && curl -fs http://127.0.0.1:${port}/
        step verify; echo VERIFIED >&4`)
    },
  }
}

/** Nobody is in either database while they change names, and nobody gets in between. */
function exchange(present: string, restored: string, aside: string): string {
  const open = (names: readonly string[], may: boolean): string =>
    names.map((one) => `ALTER DATABASE ${one} WITH ALLOW_CONNECTIONS ${may};`).join(' ')
  return `${open([present, restored], false)}
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('${present}', '${restored}');
BEGIN; ALTER DATABASE ${present} RENAME TO ${aside}; ALTER DATABASE ${restored} RENAME TO ${present};
COMMENT ON DATABASE ${aside} IS 'put aside'; COMMENT ON DATABASE ${present} IS 'in place'; COMMIT;
${open([present, aside], true)}`
}
