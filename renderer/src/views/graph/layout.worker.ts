import { criticalTasks } from './critical.ts'
import { layOut } from './layout.ts'
import type { Answer, Question } from './layoutClient.ts'

/** Works out what takes longer than a frame: layouts and the critical path. */
self.onmessage = ({ data }: MessageEvent<Question>) => {
  const start = performance.now()
  const result = data.kind === 'layout' ? layOut(data.input) : criticalTasks(data.input)
  const answer: Answer = { id: data.id, result, ms: performance.now() - start }
  self.postMessage(answer)
}
