export function PairPage({ exchangeId }: { exchangeId: string; query: URLSearchParams }) {
  return <h1>{exchangeId}</h1>
}
