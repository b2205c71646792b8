import { describe, expect, it } from 'vitest'
import { type QuitState, Quitter } from './quitting.ts'
import { fakeParts } from './testing/fakeParts.ts'
import { wordsFor } from './words.ts'

function setUp(agents: number) {
  const parts = fakeParts()
  const states: QuitState[] = []
  const done: string[] = []
  const stopped = Promise.withResolvers<void>()
  const quitter = new Quitter({
    words: wordsFor('en'),
    ask: (question) => parts.ask(question),
    agentsAtWork: () => agents,
    stopAll: async () => void done.push('stop'),
    allStopped: () => stopped.promise,
    onState: (state) => states.push(state),
    leave: async () => void done.push('leave'),
  })
  return { quitter, states, done, stopped, questions: parts.questions }
}

describe('quitting', () => {
  it('asks nothing when nothing is at work', async () => {
    const { quitter, done, questions } = setUp(0)
    await quitter.ask()
    expect(done).toEqual(['leave'])
    expect(questions).toHaveLength(0)
  })

  it('can be thought better of', async () => {
    const { quitter, states, done, questions } = setUp(3)
    const asked = quitter.ask()
    expect(questions[0]).toMatchObject({
      message: '3 agents are at work.',
      buttons: ['Stop agents', 'Leave them at work', 'Cancel'],
      cancel: 2,
    })
    // Asked twice is one question.
    await quitter.ask()
    expect(questions).toHaveLength(1)
    questions[0]!.answer(2)
    await asked
    expect(states).toEqual(['asking', 'staying'])
    expect(done).toEqual([])
  })

  it('leaves agents at work', async () => {
    const { quitter, done, questions } = setUp(1)
    const asked = quitter.ask()
    questions[0]!.answer(1)
    await asked
    expect(done).toEqual(['leave'])
  })

  it('waits for agents that stop', async () => {
    const { quitter, states, done, stopped, questions } = setUp(2)
    const asked = quitter.ask()
    questions[0]!.answer(0)
    await Promise.resolve()
    await Promise.resolve()
    expect(states).toEqual(['asking', 'stopping'])
    stopped.resolve()
    await asked
    expect(done).toEqual(['stop', 'leave'])
    expect(states.at(-1)).toBe('leaving')
  })

  it('can be hurried while agents stop', async () => {
    const { quitter, done, stopped, questions } = setUp(2)
    const asked = quitter.ask()
    questions[0]!.answer(0)
    await Promise.resolve()
    await Promise.resolve()
    const again = quitter.ask()
    expect(questions[0]!.buttons).toEqual(['Wait', 'Leave them and quit'])
    questions[0]!.answer(1)
    await again
    stopped.resolve()
    await asked
    expect(done).toEqual(['stop', 'leave'])
  })

  it('takes the question back when all have stopped', async () => {
    const { quitter, done, stopped, questions } = setUp(2)
    const asked = quitter.ask()
    questions[0]!.answer(0)
    await Promise.resolve()
    await Promise.resolve()
    const again = quitter.ask()
    stopped.resolve()
    await asked
    await again
    expect(questions).toHaveLength(0)
    expect(done).toEqual(['stop', 'leave'])
  })

  it('leaves when the engine takes no commands', async () => {
    const { done, questions, states } = setUp(1)
    const quitter = new Quitter({
      words: wordsFor('en'),
      ask: async () => 0,
      agentsAtWork: () => 1,
      stopAll: () => Promise.reject(new Error('no engine')),
      allStopped: () => Promise.reject(new Error('not asked')),
      onState: (state) => states.push(state),
      leave: async () => void done.push('leave'),
    })
    await quitter.ask()
    expect(done).toEqual(['leave'])
    expect(questions).toHaveLength(0)
  })

  it('asks nobody when the system goes down, even in the middle of asking', async () => {
    const { quitter, done, questions } = setUp(2)
    const asked = quitter.ask()
    await quitter.leave()
    questions[0]!.answer(0)
    await asked
    expect(done).toEqual(['leave'])
  })
})
