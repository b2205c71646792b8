import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type LoadResult, load } from '../../main/targets/testing/load.ts'

/**
 * Load from a process of its own: how long nobody answers is measured by somebody who is not held up by what is
 * measured. The end of this file is what runs there.
 */
export interface LoadProcess {
  readonly answered: (count: number) => Promise<void>
  readonly end: () => Promise<LoadResult>
}

type Ask = { readonly answered: number } | 'end'
type Tell = 'ready' | 'answered' | LoadResult

export async function loadProcess(port: number, perSecond: number): Promise<LoadProcess> {
  const child = fork(fileURLToPath(import.meta.url), [String(port), String(perSecond)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const told = async (): Promise<Tell> => {
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`the load ended with code ${code}`)
      }),
    ])) as [Tell]
    return message
  }
  const ask = (wanted: Ask): Promise<Tell> => {
    const answer = told()
    child.send(wanted)
    return answer
  }
  await told()
  return {
    answered: async (count) => {
      await ask({ answered: count })
    },
    end: async () => {
      const result = (await ask('end')) as LoadResult
      child.disconnect()
      return result
    },
  }
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  const tell = (message: Tell): void => void process.send!(message)
  const loading = load(Number(process.argv[2]), Number(process.argv[3]))
  process.on('message', async (wanted: Ask) => {
    if (wanted === 'end') tell(await loading.end())
    else {
      await loading.answered(wanted.answered)
      tell('answered')
    }
  })
  tell('ready')
}
