import { randomUUID } from 'node:crypto'
import { type CommandCall, type Commands, checked, NOT_OVER } from './commands.ts'
import { type Written, writeHashed } from './files.ts'
import { PointError } from './pointError.ts'

/**
 * What a command says, whole on the disk. A connection that breaks off ends its output as the command does, which goes
 * on meanwhile and may end well, with nobody to hear it: so what is whole ends in a mark of ours.
 */
export async function fetched(commands: Commands, call: CommandCall, file: string): Promise<Written> {
  const mark = `amphitheatre-whole-${randomUUID()}`
  const open = await commands.open({
    ...call,
    argv: ['sh', '-c', '"$@" && printf %s "$0"', mark, ...call.argv],
  })
  const { pieces, isWhole } = withoutMark(open.output, Buffer.from(mark))
  const written = await writeHashed(file, pieces)
  const { code } = await open.ended
  if (!isWhole() && (code === 0 || code === NOT_OVER))
    throw new PointError(
      `What ${call.argv[0]} said broke off.`,
      'Look whether Docker runs well, then retry.',
      {
        passing: true,
      },
    )
  await checked(call, open)
  return written
}

function withoutMark(output: AsyncIterable<Buffer>, mark: Buffer) {
  let rest: Buffer = Buffer.alloc(0)
  async function* pieces(): AsyncGenerator<Buffer> {
    for await (const piece of output) {
      const all = rest.length === 0 ? piece : Buffer.concat([rest, piece])
      const end = Math.max(0, all.length - mark.length)
      if (end > 0) yield all.subarray(0, end)
      rest = all.subarray(end)
    }
    if (!rest.equals(mark) && rest.length > 0) yield rest
  }
  return { pieces: pieces(), isWhole: () => rest.equals(mark) }
}
