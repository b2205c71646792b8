/** Made at the first use. */
let channel: MessageChannel | undefined
const waiting: (() => void)[] = []

/**
 * Calls `task` in a turn of the page's loop of its own, the sooner ones first: what a person does and what is to be
 * drawn may come before it. Not by a timer: browsers hold back timers that set timers by 4 ms each.
 */
export function inNextTask(task: () => void): void {
  waiting.push(task)
  channel ??= openChannel()
  channel.port2.postMessage(null)
}

function openChannel(): MessageChannel {
  const opened = new MessageChannel()
  opened.port1.onmessage = () => waiting.shift()?.()
  return opened
}
