export function PairsPage({ query }: { query: URLSearchParams }) {
  return <h1>{query.toString()}</h1>
}
