import { setTimeout as delay } from 'node:timers/promises'
import { type StepContext, StepError } from '../step.ts'
import { look, start } from './containers.ts'
import { runOnce } from './oneOff.ts'
import { type DockerPlace, URL_INSIDE, urlOf } from './place.ts'
import { proxyName } from './proxy.ts'

export interface Verified {
  readonly ok: boolean
  /** What is wrong, in words. */
  readonly words: string
}

const ASK_MS = 10_000
const EVERY_MS = 250

/**
 * Is what answers at the target's own address what it has to be? Its health and every path answer well, the command
 * passes, and after the time to settle they still do. Nothing is said of it where Docker was away in between.
 */
export async function verify(place: DockerPlace, context: StepContext): Promise<Verified> {
  const began = Date.now()
  const result = await looked(place, context)
  if (!result.ok) await expectOneDocker(place, began)
  return result
}

/** The proxy does not end by itself: one that began since then was started anew together with Docker. */
async function expectOneDocker(place: DockerPlace, began: number): Promise<void> {
  const found = await look(place.docker, proxyName(place))
  if (found === undefined || (found.State.Running && Date.parse(found.State.StartedAt) <= began)) return
  if (!found.State.Running) await start(place.docker, proxyName(place))
  const remedy = `Look at it: docker logs ${proxyName(place)}`
  throw new StepError('Docker was away while it was verified.', remedy, { passing: true })
}

async function looked(place: DockerPlace, context: StepContext): Promise<Verified> {
  const { paths, run, settleMs, timeoutMs } = place.target.verify
  const all = [...new Set([place.spec.service.health.path, ...paths])]
  const until = Date.now() + timeoutMs
  const answered = await untilAnswers(urlOf(place), all, until, context)
  if (!answered.ok) return answered
  if (run !== null) {
    const ran = await commandPasses(place, run, Math.max(1_000, until - Date.now()), context)
    if (!ran.ok) return ran
  }
  if (settleMs === 0) return answered
  context.say(`Watching it for ${Math.round(settleMs / 1000)} s`)
  return staysWell(urlOf(place), all, settleMs, context)
}

/** Slow starters may need a moment behind the proxy as well. */
async function untilAnswers(
  url: string,
  paths: readonly string[],
  until: number,
  context: StepContext,
): Promise<Verified> {
  for (;;) {
    const result = await answers(url, paths, context.signal)
    if (result.ok || Date.now() + EVERY_MS > until) return result
    await delay(EVERY_MS, undefined, { signal: context.signal })
  }
}

async function staysWell(
  url: string,
  paths: readonly string[],
  settleMs: number,
  { signal }: StepContext,
): Promise<Verified> {
  for (const end = Date.now() + settleMs; Date.now() < end; ) {
    await delay(Math.min(EVERY_MS, Math.max(1, end - Date.now())), undefined, { signal })
    const result = await answers(url, paths, signal)
    if (!result.ok) return { ok: false, words: `it did not stay well: ${result.words}` }
  }
  return {
    ok: true,
    words: `${paths.join(', ')} ${paths.length === 1 ? 'answers and goes' : 'answer and go'} on answering`,
  }
}

export async function answers(
  url: string,
  paths: readonly string[],
  signal: AbortSignal,
  withinMs = ASK_MS,
): Promise<Verified> {
  const faults = await Promise.all(paths.map((path) => fault(`${url}${path}`, signal, withinMs)))
  for (const [i, words] of faults.entries())
    if (words !== undefined) return { ok: false, words: `${paths[i]} ${words}` }
  return { ok: true, words: `${paths.join(', ')} ${paths.length === 1 ? 'answers' : 'answer'}` }
}

async function fault(url: string, signal: AbortSignal, withinMs: number): Promise<string | undefined> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
    const answer = await fetch(url, { signal: limit, redirect: 'manual', headers: { connection: 'close' } })
    await answer.body?.cancel()
    return answer.ok ? undefined : `answers ${answer.status}`
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if ((error as Error).name === 'TimeoutError') return `does not answer within ${withinMs / 1000} s`
    const { cause, name } = error as { cause?: { code?: string }; name: string }
    return `does not answer (${cause?.code ?? name})`
  }
}

async function commandPasses(
  place: DockerPlace,
  command: string,
  withinMs: number,
  context: StepContext,
): Promise<Verified> {
  const { code, words } = await runOnce(place, context, {
    name: 'verify',
    image: place.target.verify.image,
    command,
    role: 'reader',
    env: { AMPHITHEATRE_TARGET_URL: URL_INSIDE },
    withinMs,
    code: null,
  })
  return code === 0
    ? { ok: true, words: '' }
    : { ok: false, words: `its check ended with code ${code}: ${words}` }
}
