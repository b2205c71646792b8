import type { ITheme } from '@xterm/xterm'

/** The terminal's colours are the look's tokens, in both themes. */
export function themeFromTokens(): ITheme {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const text = token('text')
  const dark = document.documentElement.dataset['theme'] !== 'light'
  const bright = (name: string): string => mix(token(name), text, 0.25)
  return {
    background: token('background'),
    foreground: text,
    cursor: text,
    cursorAccent: token('background'),
    selectionBackground: `${token('accent')}50`,
    selectionInactiveBackground: `${token('accent')}30`,
    scrollbarSliderBackground: `${token('line-strong')}b0`,
    scrollbarSliderHoverBackground: token('line-strong'),
    scrollbarSliderActiveBackground: token('muted'),
    overviewRulerBorder: token('background'),
    black: dark ? token('line-strong') : text,
    red: token('failed'),
    green: token('done'),
    yellow: token('needs-you'),
    blue: token('accent'),
    magenta: token('blocked'),
    cyan: token('running'),
    white: dark ? text : token('muted'),
    brightBlack: token('muted'),
    brightRed: bright('failed'),
    brightGreen: bright('done'),
    brightYellow: bright('needs-you'),
    brightBlue: bright('accent'),
    brightMagenta: bright('blocked'),
    brightCyan: bright('running'),
    brightWhite: text,
  }
}

/** `share` of the second colour in the first, both `#rrggbb`. */
function mix(one: string, other: string, share: number): string {
  const channel = (at: number): string => {
    const a = Number.parseInt(one.slice(at, at + 2), 16)
    const b = Number.parseInt(other.slice(at, at + 2), 16)
    return Math.round(a * (1 - share) + b * share)
      .toString(16)
      .padStart(2, '0')
  }
  return `#${channel(1)}${channel(3)}${channel(5)}`
}

/** Calls back when the theme on the screen has changed. Returns the way to stop. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  return () => observer.disconnect()
}
