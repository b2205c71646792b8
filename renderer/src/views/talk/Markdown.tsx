import { type ReactNode, useMemo } from 'react'
import { tell, tellFailure } from '../../ui/toasts.tsx'
import { useWords } from '../../words/language.ts'
import { isHttps, openLink } from '../agents/clipboard.ts'
import css from './Markdown.module.css'
import { type Block, type Inline, parseMarkdown } from './markdown.ts'
import { words } from './words.ts'

/** What somebody wrote, shown as text only: nothing of it is fetched, and nothing opens by itself. */
export function Markdown({ text }: { readonly text: string }): ReactNode {
  const blocks = useMemo(() => parseMarkdown(text), [text])
  return (
    <div className={css['markdown']}>
      <Blocks blocks={blocks} />
    </div>
  )
}

function Blocks({ blocks }: { readonly blocks: readonly Block[] }): ReactNode {
  // biome-ignore-start lint/suspicious/noArrayIndexKey: the parts of a text never move
  return blocks.map((block, i) => <BlockView key={i} block={block} />)
  // biome-ignore-end lint/suspicious/noArrayIndexKey: the parts of a text never move
}

function BlockView({ block }: { readonly block: Block }): ReactNode {
  switch (block.kind) {
    case 'heading':
      // Not a heading of the page: its outline is not what somebody wrote into a message.
      return (
        <p className={css['heading']} data-level={Math.min(3, block.level)}>
          <Text parts={block.text} />
        </p>
      )
    case 'paragraph':
      return (
        <p>
          <Text parts={block.text} />
        </p>
      )
    case 'code':
      return <Code text={block.text} />
    case 'quote':
      return (
        <blockquote>
          <Blocks blocks={block.blocks} />
        </blockquote>
      )
    case 'list': {
      const items = block.items.map((item, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
        <li key={i}>
          <Text parts={item} />
        </li>
      ))
      return block.start === null ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>
    }
    case 'table':
      return (
        <table>
          <thead>
            <tr>
              {block.head.map((cell, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
                <th key={i} scope="col">
                  <Text parts={cell} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {block.rows.map((row, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
              <tr key={i}>
                {row.map((cell, j) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
                  <td key={j}>
                    <Text parts={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )
    case 'line':
      return <hr />
  }
}

export function Code({ text }: { readonly text: string }): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard
    <pre tabIndex={0}>{text}</pre>
  )
}

function Text({ parts }: { readonly parts: readonly Inline[] }): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
  return parts.map((part, i) => <Piece key={i} part={part} />)
}

function Piece({ part }: { readonly part: Inline }): ReactNode {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'strong':
      return <strong>{part.text}</strong>
    case 'em':
      return <em>{part.text}</em>
    case 'code':
      return <code>{part.text}</code>
    case 'link':
      return <Link text={part.text} to={part.to} />
  }
}

/** As in terminals: https opens in a window that knows nothing of this one; anything else is copied. */
function Link({ text, to }: { readonly text: string; readonly to: string }): ReactNode {
  const w = useWords(words)
  const follow = (): void => {
    const copied = (): void => tell(w.copied(to))
    if (isHttps(to)) openLink(to, copied)
    else navigator.clipboard.writeText(to).then(copied, tellFailure)
  }
  return (
    <button type="button" className={css['link']} title={to} onClick={follow}>
      {text}
    </button>
  )
}
