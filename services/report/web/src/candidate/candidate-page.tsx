export function CandidatePage({ name }: { name: string }) { return <h1>{name}</h1> }
