import { Component, type ReactNode } from 'react'

/** A page that breaks says so and leaves the way to the others open. */
export class Boundary extends Component<{ children: ReactNode }, { failure: string | null }> {
  override state: { failure: string | null } = { failure: null }

  static getDerivedStateFromError(err: unknown): { failure: string } {
    return { failure: err instanceof Error ? err.message : String(err) }
  }

  override render(): ReactNode {
    if (this.state.failure === null) return this.props.children
    const isMissing = /preload|import|module|chunk/i.test(this.state.failure)
    return (
      <div className="notice bad" role="alert">
        <div>
          <h2>{isMissing ? 'A part of the dashboard is out of reach' : 'This page cannot be shown'}</h2>
          <p className="soft">
            {isMissing
              ? 'The report does not answer, or it has been renewed since this page was opened.'
              : `The dashboard did not understand what it was given (${this.state.failure}).`}{' '}
            The report without scripts is at <a href="/report">/report</a>.
          </p>
        </div>
        <button className="button" type="button" onClick={() => window.location.reload()}>
          Load again
        </button>
      </div>
    )
  }
}
