import { type RouteConfig } from '../../shared/config/schema.ts'
import { type Task } from '../../shared/contracts/exchange.ts'
import { glob } from '../../shared/glob.ts'

export type RouteSubject = {
  upstream: string
  model: string | null
  path: string
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
}

export type Routes = {
  /** The first route that matches; `default` where none does. */
  match(subject: RouteSubject): { route: string; task: Task | null }
  /** Some route asks for the model, so that the request's body is needed to tell it. */
  needsModel: boolean
  /** Lower-case names of the headers that routes ask for. */
  headerNames: ReadonlySet<string>
}

type Test = (subject: RouteSubject) => boolean

export function createRoutes(routes: readonly RouteConfig[]): Routes {
  const tests = routes.map(({ name, match, task }) => ({ route: name, task: task ?? null, test: testOf(match) }))
  return {
    match(subject) {
      const found = tests.find(({ test }) => test(subject))
      return found === undefined ? { route: 'default', task: null } : { route: found.route, task: found.task }
    },
    needsModel: routes.some(({ match }) => match.model !== undefined),
    headerNames: new Set(routes.flatMap(({ match }) => Object.keys(match.headers).map((name) => name.toLowerCase()))),
  }
}

function testOf(match: RouteConfig['match']): Test {
  const { upstream, model, path } = match
  const tests: Test[] = []
  if (upstream !== undefined) tests.push((subject) => subject.upstream === upstream)
  if (model !== undefined)
    tests.push(
      (
        (fits) => (subject) =>
          subject.model !== null && fits(subject.model)
      )(glob(model)),
    )
  if (path !== undefined)
    tests.push(
      (
        (fits) => (subject) =>
          fits(withoutQuery(subject.path))
      )(glob(path)),
    )
  for (const [name, value] of Object.entries(match.headers)) tests.push(headerTest(name.toLowerCase(), glob(value)))
  return (subject) => tests.every((test) => test(subject))
}

function headerTest(name: string, fits: (value: string) => boolean): Test {
  return ({ headers }) => headers[name] !== undefined && fits(headers[name])
}

function withoutQuery(path: string): string {
  return path.replace(/[?#].*$/s, '')
}
