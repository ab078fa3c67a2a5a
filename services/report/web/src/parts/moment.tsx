/** A time as `28 Nov 2026, 01:23 UTC`, exact on hover. */
export function Moment({ at, exact = false }: { at: string; exact?: boolean }) {
  return (
    <time dateTime={at} title={at}>
      {momentWords(at, exact)}
    </time>
  )
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export function momentWords(at: string, exact = false): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return at
  const time = date.toISOString().slice(11, exact ? 19 : 16)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${time} UTC`
}
