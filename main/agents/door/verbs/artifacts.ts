import { z } from 'zod'
import { ARTIFACT_TYPES, type ArtifactType, MESSAGE_LIMITS } from '../../../domain/talk/message.ts'
import { type PublishedArtifact, TALK_LIMITS } from '../../../domain/talk/talk.ts'
import type { RunRef } from '../../../engine/ports/workspaces.ts'
import { type Call, Refused, tooLarge } from '../call.ts'
import { answer, type DoorReply, type DoorUpload } from '../door.ts'
import { DOOR_LIMITS } from '../limits.ts'
import { pathProblem } from '../safePath.ts'
import { type Standing, taskNames } from '../standing.ts'
import { type Verb, verb } from './verb.ts'

const path = z.string().min(1).max(MESSAGE_LIMITS.path)
const type = z.enum(ARTIFACT_TYPES)

/** Files that travel between agents by what is in them. */
export const ARTIFACT_VERBS: Readonly<Record<string, Verb>> = {
  artifact: verb({
    about: 'Publishes a file of your workspace to the other agents of the run.',
    args: z.strictObject({ path, type: type.optional() }),
    changes: true,
    run: async (call, { path: file, type: kind }) => {
      const { standing } = call
      assertRoom(standing)
      const { workspaces } = call.behind
      const stored = await call.storing(() =>
        workspaces.publish(refOf(standing), call.door.of.id, file, DOOR_LIMITS.artifactBytes),
      )
      call.stored(stored.bytes)
      return published(call, file, kind ?? typeOf(file), stored)
    },
  }),
  artifacts: verb({
    about: 'Lists what agents of the run have published.',
    args: z.strictObject({}),
    changes: false,
    run: async (call) => {
      const { run } = call.standing
      return answer({ artifacts: run.talk.artifacts.map((one) => artifactJson(call.standing, one)) })
    },
  }),
  'artifact-get': verb({
    about: 'Gives the bytes of what an agent of the run has published, by hash or by path (the newest).',
    args: z.strictObject({ hash: z.string().optional(), path: z.string().optional() }),
    changes: false,
    run: async (call, wanted) => {
      if ((wanted.hash === undefined) === (wanted.path === undefined))
        throw new Refused('bad-request', 'one of hash and path is needed', '"artifacts" lists what there is.')
      const { standing } = call
      const found = standing.run.talk.artifacts.findLast(
        (one) =>
          one.hash !== null &&
          (wanted.hash === undefined ? one.path === wanted.path : one.hash === wanted.hash),
      )
      const hash = found?.hash ?? null
      const file =
        hash === null ? undefined : await call.behind.workspaces.artifactPath(standing.run.project, hash)
      if (found === undefined || hash === null || file === undefined)
        throw new Refused(
          'unknown',
          'no agent of this run has published that',
          '"artifacts" lists what there is.',
        )
      const bytes = found.bytes ?? 0
      return { ...answer(artifactJson(standing, found)), file: { path: file, bytes, hash } }
    },
  }),
}

/** Stores what an agent brings, and publishes it under the name it gave. */
export async function upload(call: Call, request: DoorUpload): Promise<DoorReply> {
  const problem = pathProblem(request.name)
  if (problem !== null)
    throw new Refused(
      'bad-request',
      `that is no name for an artifact: ${problem}`,
      'Name it like report/a.txt.',
    )
  const kind = request.type === null ? typeOf(request.name) : type.safeParse(request.type).data
  if (kind === undefined)
    throw new Refused('bad-request', 'type: there is no such type', `Types are ${ARTIFACT_TYPES.join(', ')}.`)
  assertRoom(call.standing)
  const stored = await call.storing(() => store(call, request.data))
  return published(call, request.name, kind, stored)
}

/** What is over a limit ends the upload; the store's own words for its end are not the agent's matter. */
async function store(
  call: Call,
  data: AsyncIterable<Uint8Array>,
): Promise<{ readonly hash: string; readonly bytes: number }> {
  let refused: Refused | undefined
  async function* counted(): AsyncGenerator<Uint8Array> {
    let bytes = 0
    for await (const chunk of data) {
      bytes += chunk.length
      call.stored(chunk.length)
      if (bytes > DOOR_LIMITS.artifactBytes) refused = tooLarge(DOOR_LIMITS.artifactBytes)
      if (refused !== undefined) throw refused
      yield chunk
    }
  }
  const { project } = call.standing.run
  try {
    return await call.behind.workspaces.putArtifact(project, counted(), DOOR_LIMITS.artifactBytes)
  } catch (error) {
    throw refused ?? error
  }
}

async function published(
  call: Call,
  name: string,
  kind: ArtifactType,
  stored: { readonly hash: string; readonly bytes: number },
): Promise<DoorReply> {
  await call.command({ type: 'agent.publish', artifact: { path: name, type: kind, ...stored } })
  return answer({ path: name, type: kind, ...stored })
}

/** Asked before bytes are stored that could not be published. */
function assertRoom({ run }: Standing): void {
  if (run.talk.artifacts.length >= TALK_LIMITS.artifacts)
    throw new Refused(
      'not-now',
      `this run has ${TALK_LIMITS.artifacts} published artifacts already`,
      'Use those.',
    )
}

function refOf({ run }: Standing): RunRef {
  return { project: run.project, run: run.id, root: run.root }
}

function artifactJson({ run }: Standing, one: PublishedArtifact): Readonly<Record<string, unknown>> {
  const { path: name, type: kind, hash, bytes, task, at } = one
  return {
    path: name,
    type: kind,
    hash,
    bytes,
    task: taskNames(run, [task])[0],
    at: new Date(at).toISOString(),
  }
}

const DOCUMENT = /\.(md|markdown|txt|rst|adoc|pdf|html?|docx?|csv|log|png|jpe?g|svg)$/i
const CONFIG = /(\.(ya?ml|json|toml|ini|env|conf|cfg|properties|tfvars|lock|xml)|(^|\/)\.[^/]+)$/i

function typeOf(name: string): ArtifactType {
  if (DOCUMENT.test(name)) return 'document'
  return CONFIG.test(name) ? 'config' : 'code'
}
