import { z } from 'zod'
import { INSPECTIONS } from '../../domain/targets/target.ts'
import { CronText, ZoneText } from './clock.ts'
import {
  Duration,
  EnvName,
  EnvValue,
  Image,
  Memory,
  Name,
  RepositoryPath,
  Text,
  Texts,
  Timeout,
} from './scalars.ts'

/** Where releases go (`targets:`), and what runs beside a task (`services:`), as they are written. */

const Port = z.int().min(1).max(65_535)

const HttpPath = z.string().regex(/^\/[\x21-\x7e]*$/, {
  error: ({ input }) => `${JSON.stringify(input)} is no path of a page: write for example "/health"`,
})

const HttpUrl = z.string().regex(/^https?:\/\/[^\s]+$/, {
  error: ({ input }) => `${JSON.stringify(input)} is no address: write for example "http://127.0.0.1:8080"`,
})

/** What is handed to a program as an argument: it must not be taken for an option of it. */
const Argument = z.string().regex(/^[A-Za-z0-9_./@:][A-Za-z0-9_.,/@:=+-]*$/, {
  error: ({ input }) =>
    `${JSON.stringify(input)} cannot be used here: letters, digits and ". _ / @ : , = + -", not starting with "-"`,
})

/**
 * A remote that rclone's own configuration names. One that is made up on the spot (`:sftp,host=…:`) would have what opens
 * the store in the project file, on command lines and on record.
 */
const Remote = z.string().regex(/^[\p{L}\p{N}_][\p{L}\p{N}_.+@ -]*:[^\p{Cc}]*$/u, {
  error: ({ input }) =>
    `${JSON.stringify(input)} is no remote of rclone's configuration: write for example "backup:shop" ("rclone config" makes one)`,
})

const Health = z.union([
  HttpPath.transform((path) => ({ path, interval: undefined, timeout: undefined, within: undefined })),
  z.strictObject({
    path: HttpPath.meta({ description: 'GET on it answers 200 to 299.' }),
    interval: Timeout.optional().meta({ description: 'Between two looks; 250 ms unless set.' }),
    timeout: Timeout.optional().meta({ description: 'Of one look; 5 seconds unless set.' }),
    within: Timeout.optional().meta({
      description: 'Not healthy after so long: the deployment failed; 1 minute unless set.',
    }),
  }),
])

const Service = z.strictObject({
  port: Port.meta({ description: 'The port it listens on inside.' }),
  env: z.record(EnvName, EnvValue).optional().meta({ description: 'Never secrets.' }),
  health: Health,
  internet: z.boolean().optional().meta({ description: 'It has a way out; none unless set.' }),
  writable: z
    .boolean()
    .optional()
    .meta({ description: 'It may write its own file system; only /tmp unless set.' }),
  resources: z
    .strictObject({
      cpus: z.number().min(0.01).max(1024).optional(),
      memory: Memory.optional(),
      pids: z.int().min(8).max(4_194_304).optional(),
    })
    .optional(),
})

const Docker = z.strictObject({
  strategy: z
    .enum(['blue-green', 'recreate'])
    .optional()
    .meta({ description: 'blue-green (unless set): both run until the new one is healthy.' }),
  port: z
    .int()
    .min(1024)
    .max(65_535)
    .meta({ description: 'Where it is reached, on 127.0.0.1 of this machine.' }),
  service: Service,
})

const Compose = z.strictObject({
  file: RepositoryPath,
  service: Argument,
  image_variable: EnvName.optional().meta({
    description: 'The variable the file takes the image from; IMAGE unless set.',
  }),
  url: HttpUrl.optional(),
})

const Ssh = z.strictObject({
  host: Argument.meta({ description: 'As ssh takes it: user@host, or a name of its configuration.' }),
  deploy: Text.meta({
    description: 'Shell command there; AMPHITHEATRE_IMAGE and AMPHITHEATRE_VERSION are set.',
  }),
  rollback: Text.optional(),
  restart: Text.optional(),
  take_down: Text.optional().meta({ description: 'Stops it for good: amphi targets remove.' }),
  health: Text.optional().meta({ description: 'Exit code 0 is healthy.' }),
  url: HttpUrl.optional(),
})

const Kubectl = z.strictObject({
  context: Argument.optional(),
  namespace: Argument.optional(),
  workload: Argument.meta({ description: 'deployment/shop' }),
  container: Argument,
  url: HttpUrl.optional(),
})

const Helm = z.strictObject({
  context: Argument.optional(),
  namespace: Argument.optional(),
  release: Argument,
  chart: Argument,
  image_value: Argument.optional().meta({ description: 'image unless set.' }),
  url: HttpUrl.optional(),
})

/** Its folder becomes a volume: it may hide nothing that an image or Docker has there. */
const SqliteFile = z
  .string()
  .max(200)
  .regex(/^(\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$/, {
    error: ({ input }) =>
      `${JSON.stringify(input)} is no path of a file in the service: write for example "/data/shop.db"`,
  })
  .refine(
    (path) => path.split('/').length > 2 && !/^\/(tmp|proc|sys|dev|etc|usr|bin|sbin|lib)\//.test(path),
    {
      error: ({ input }) =>
        `the folder of ${JSON.stringify(input)} becomes a volume: use one of its own, such as "/data/shop.db"`,
    },
  )

const Database = z.union([
  z.literal('postgres').transform(() => ({ kind: 'postgres' as const, name: undefined })),
  z.strictObject({
    kind: z.literal('postgres'),
    name: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,48}$/, {
        error: ({ input }) =>
          `${JSON.stringify(input)} is no name of a database: small letters, digits and "_"`,
      })
      .optional(),
  }),
  z.literal('sqlite').transform(() => ({ kind: 'sqlite' as const, file: undefined })),
  z.strictObject({
    kind: z.literal('sqlite'),
    file: SqliteFile.optional().meta({
      description: 'Where the service has it, in a folder of its own; /data/<target>.db unless set.',
    }),
  }),
  z.strictObject({
    kind: z.literal('hook'),
    name: Text.optional(),
    dump: Text.meta({ description: 'Writes a snapshot to its standard output.' }),
    restore: Text.meta({ description: 'Reads a snapshot from its standard input.' }),
    check: Text.optional().meta({
      description: 'Reads a snapshot and changes nothing; exit code 0 says that it can be restored.',
    }),
  }),
])

const Verify = z.strictObject({
  paths: z.array(HttpPath).max(100).optional().meta({ description: 'Asked through the target’s address.' }),
  run: Text.optional().meta({ description: 'Shell command on its network; exit code 0 passes.' }),
  image: Image.optional(),
  settle: Duration.optional().meta({ description: 'It has to stay well for so long; 0 unless set.' }),
  timeout: Timeout.optional().meta({ description: 'Of all of it; 1 minute unless set.' }),
  on_failure: z
    .enum(['back', 'stay'])
    .optional()
    .meta({ description: 'back (unless set): the release before answers again; stay: nothing is done.' }),
})

const Points = z.strictObject({
  keep: z.int().min(1).max(1000).optional().meta({ description: 'Newest points kept; 10 unless set.' }),
  max_age: Timeout.optional(),
  test: CronText.optional().meta({ description: 'Cron of restore tests: "30 3 * * *".' }),
  time_zone: ZoneText.optional().meta({
    description: "Of those times, such as Europe/Berlin; the machine's own unless set.",
  }),
  aside: z
    .strictObject({
      keep: z.int().min(0).max(1000).optional().meta({ description: 'The newest ones; 2 unless set.' }),
      max_age: Timeout.optional().meta({ description: '7 days unless set.' }),
    })
    .optional()
    .meta({ description: 'Databases that rollbacks have put aside.' }),
  remote: Remote.optional().meta({ description: 'remote:path of rclone where copies go.' }),
})

export const PLACES = ['docker', 'compose', 'ssh', 'kubectl', 'helm'] as const

export const Target = z
  .strictObject({
    title: Text.optional(),
    docker: Docker.optional().meta({ description: 'Containers of this machine behind a proxy.' }),
    compose: Compose.optional(),
    ssh: Ssh.optional(),
    kubectl: Kubectl.optional(),
    helm: Helm.optional(),
    database: Database.optional(),
    verify: Verify.optional(),
    points: Points.optional(),
    gates: Texts.optional().meta({ description: 'Gates every deployment to it has to pass.' }),
    env_files: z.array(RepositoryPath).max(50).optional().meta({
      description: 'Files with settings, part of every rollback point.',
    }),
  })
  .meta({ id: 'Target' })
export const Targets = z.record(Name, Target)

/** Something that runs beside a task, reachable by its name. */
const Beside = z.union([
  z.literal('postgres').transform(() => ({ image: undefined, env: undefined, health: undefined })),
  z.strictObject({
    image: Image,
    env: z.record(EnvName, EnvValue).optional(),
    health: Text.optional().meta({ description: 'Shell command inside; exit code 0 is healthy.' }),
  }),
])
export const Services = z.record(
  z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, {
    error: ({ input }) => `${JSON.stringify(input)} is no name of a service: small letters, digits and "-"`,
  }),
  Beside,
)

/** What a task with a target asks for besides what its kind says. */
export const DOINGS = ['verify', 'restart', ...INSPECTIONS] as const

export type TargetInput = z.output<typeof Target>
export type BesideInput = z.output<typeof Beside>
