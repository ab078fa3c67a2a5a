import { Boundary } from './parts/boundary.tsx'
import { LiveProvider } from './live.tsx'
import { Page } from './page.tsx'
import { ReportProvider } from './report.tsx'
import { SessionProvider } from './session.tsx'
import { Shell } from './shell.tsx'

export function App() {
  return (
    <Boundary>
      <SessionProvider>
        <LiveProvider>
          <ReportProvider>
            <Shell>
              <Page />
            </Shell>
          </ReportProvider>
        </LiveProvider>
      </SessionProvider>
    </Boundary>
  )
}
