import type { Terminal } from '@xterm/xterm'
import { confirm } from '../../ui/Dialog.tsx'
import { tellFailure } from '../../ui/toasts.tsx'

interface PasteWords {
  readonly paste: string
  readonly pasteQuestion: (lines: number) => string
  readonly pasteText: (start: string) => string
}

export function copySelection(terminal: Terminal, done: () => void): void {
  const text = terminal.getSelection()
  if (text !== '') navigator.clipboard.writeText(text).then(done, tellFailure)
}

/** Asks first where several lines could each set something off. */
export async function pasteInto(terminal: Terminal, raw: string, w: PasteWords): Promise<void> {
  const text = cleanPaste(raw)
  const lines = countLines(text)
  if (lines > 1) {
    const start = text.trimStart().split('\n', 1)[0]!.slice(0, 80)
    const yes = await confirm({
      title: w.pasteQuestion(lines),
      text: w.pasteText(start),
      confirm: w.paste,
    })
    if (!yes) return
  }
  terminal.paste(text)
  terminal.focus()
}

/** Without control characters: what is pasted is text, and cannot end the bracket a program puts around it. */
export function cleanPaste(raw: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return raw.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
}

export function countLines(text: string): number {
  return text.trimEnd().split('\n').length
}

/** Only https is opened, in a window that knows nothing of this one; another address can be looked at first. */
export function openLink(uri: string, onCopied: () => void): void {
  if (isHttps(uri)) window.open(uri, '_blank', 'noopener,noreferrer')
  else if (/^http:/i.test(uri)) navigator.clipboard.writeText(uri).then(onCopied, tellFailure)
}

export function isHttps(uri: string): boolean {
  return URL.canParse(uri) && new URL(uri).protocol === 'https:'
}
