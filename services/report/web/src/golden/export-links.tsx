import { type GoldenFormat } from '../../../../../shared/contracts/golden.ts'

const formats: readonly GoldenFormat[] = ['jsonl', 'csv', 'promptfoo', 'deepeval', 'ragas', 'openai-evals']

/** The part for development, in the form of the tool that is named. */
export function ExportLinks({ name }: { name: string }) {
  return (
    <span className="exports small">
      {formats.map((format) => (
        <a key={format} href={`/api/v1/golden/${encodeURIComponent(name)}/export?format=${format}`} download>
          {format}
        </a>
      ))}
    </span>
  )
}
