import { Component, type ReactNode } from 'react'
import { Trouble } from '../ui/Notice.tsx'

interface Props {
  /** What could not be shown; default the whole window. */
  readonly title?: string
  readonly children: ReactNode
}

/** A fault in one view leaves the rest of the window usable; one around all of it leaves the way to begin anew. */
export class Catch extends Component<Props, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error: error ?? new Error('unknown') }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    const remedy = error instanceof Error ? error.message : String(error)
    return (
      <Trouble
        error={{ message: this.props.title ?? 'The window could not be shown.', remedy }}
        onRetry={() => this.setState({ error: undefined })}
      />
    )
  }
}
