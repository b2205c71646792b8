import fc from 'fast-check'
import { expect, test } from 'vitest'
import { messageDraftSchema } from '../../../../main/domain/talk/message.ts'
import { append, EMPTY_LOG, messagesOf } from '../../../../main/domain/talk/messageLog.ts'
import { Driver, RUN } from '../../../../main/domain/testing/driver.ts'
import { tasks } from '../../../../main/domain/testing/plan.ts'
import { start } from '../../../../main/domain/testing/steps.ts'
import { type History, KEPT, MessageBook } from './book.ts'

function talking(): Driver {
  const driver = Driver.running(tasks(['a', 'b']))
  start(driver, 'a', 'b')
  return driver
}

function at(driver: Driver, task: string) {
  return { run: RUN, task: driver.index(task), attempt: driver.attempt(task).n }
}

/** `a` writes to `b`, which handles all but what stays `open`. */
function say(driver: Driver, count: number, open: ReadonlySet<number> = new Set()): void {
  for (let n = 0; n < count; n++) {
    const message = messageDraftSchema.parse({ to: 'b', type: 'UPDATE', subject: `n${n}` })
    driver.must({ type: 'agent.send', ...at(driver, 'a'), message })
    driver.send({ type: 'agent.take', ...at(driver, 'b'), limit: 100 })
    const number = driver.run().talk.messages.count
    if (!open.has(number)) driver.must({ type: 'agent.handle', ...at(driver, 'b'), messages: [number] })
  }
}

function historyOf(driver: Driver): History {
  return async ({ after, limit, run }) =>
    driver.log.filter((event) => event.seq > after && event.run === run).slice(0, limit)
}

const numbers = (book: MessageBook): readonly number[] => book.all().map(({ number }) => number)
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1)

async function readAll(book: MessageBook, driver: Driver): Promise<void> {
  for (let tries = 0; tries < 20 && book.from > 1; tries++)
    await book.earlier(historyOf(driver), driver.state.seq)
}

test('what live state has let go is read from the log, with what became of it', async () => {
  const driver = talking()
  say(driver, 700)
  const book = new MessageBook(RUN)
  book.see(driver.run())
  expect(book.from).toBeGreaterThan(1)
  await readAll(book, driver)
  expect(numbers(book)).toEqual(upTo(700))
  expect(book.get(3)).toMatchObject({ subject: 'n2', delivered: [1], open: [], returned: [] })
})

test('what is let go while it is looked at is kept', () => {
  const driver = talking()
  const book = new MessageBook(RUN)
  for (let n = 0; n < 20; n++) {
    say(driver, 30)
    book.see(driver.run())
  }
  expect(numbers(book)).toEqual(upTo(600))
  expect(book.from).toBe(1)
})

test('what is still open stays known, and is not taken for closed', async () => {
  const driver = talking()
  say(driver, 600, new Set([5]))
  const book = new MessageBook(RUN)
  book.see(driver.run())
  await readAll(book, driver)
  expect(book.get(5)?.open).toEqual([1])
  expect(numbers(book)).toEqual(upTo(600))
})

test('no more is held than can be looked at; what was dropped is read again', async () => {
  const driver = talking()
  say(driver, 1)
  const run = driver.run()
  const message = [...messagesOf(run.talk.messages)][0]!
  const book = new MessageBook(RUN)
  let log = EMPTY_LOG
  const look = (): void => {
    book.see({ ...run, talk: { ...run.talk, messages: log } })
  }
  for (let number = 1; number <= 12_500; number++) {
    log = append(log, { ...message, number, seq: number })
    if (number % 100 === 0) look()
  }
  expect(book.all().length).toBeLessThanOrEqual(12_000)
  expect(book.all().length).toBeGreaterThanOrEqual(KEPT)
  expect(book.from).toBe(book.all()[0]!.number)
  const asked: number[] = []
  await book.earlier(async ({ after, limit }) => {
    asked.push(after + limit)
    return []
  }, 12_500)
  expect(asked[0]).toBe(book.from - 1)
})

test('a gap is read anew', async () => {
  const driver = talking()
  const book = new MessageBook(RUN)
  say(driver, 100)
  book.see(driver.run())
  say(driver, 900)
  book.see(driver.run())
  expect(book.from).toBeGreaterThan(101)
  await readAll(book, driver)
  expect(numbers(book)).toEqual(upTo(1_000))
})

test('however it is looked at, nothing is missing and nothing is there twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 350 }), fc.boolean(), fc.boolean()), { maxLength: 5 }),
      async (steps) => {
        const driver = talking()
        const book = new MessageBook(RUN)
        for (const [count, look, read] of steps) {
          say(driver, count)
          if (look) book.see(driver.run())
          if (look && read) await book.earlier(historyOf(driver), driver.state.seq)
        }
        book.see(driver.run())
        await readAll(book, driver)
        expect(numbers(book)).toEqual(upTo(driver.run().talk.messages.count))
      },
    ),
    { numRuns: 8 },
  )
})
