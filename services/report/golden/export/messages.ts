import { type GoldenRow } from '../../../../shared/contracts/golden.ts'

const spoken = /^(system|developer|user|assistant|tool): ([\s\S]*)$/

/** What was said as the chat messages that most tools take: images, files and calls of tools are told in words. */
export function messagesOf({
  context,
  prompt,
}: Pick<GoldenRow, 'context' | 'prompt'>): { role: string; content: string }[] {
  return [...context, prompt].map((said) => {
    const [, role, content] = spoken.exec(said) ?? []
    return role === undefined ? { role: 'user', content: said } : { role, content: content! }
  })
}
