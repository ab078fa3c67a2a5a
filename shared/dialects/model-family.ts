import { bareModel } from './model-rules.ts'

/** Models that learnt from one another judge one another kindly. A new family is a row here. */
const families: readonly [RegExp, string][] = [
  [/^(gpt|chatgpt|o\d|codex|davinci)/, 'gpt'],
  [/^claude/, 'claude'],
  [/^(gemini|gemma|palm)/, 'gemini'],
  [/llama/, 'llama'],
  [/^(qwen|qwq)/, 'qwen'],
  [/^(mistral|ministral|mixtral|codestral|devstral|magistral|pixtral)/, 'mistral'],
  [/^deepseek/, 'deepseek'],
  [/^grok/, 'grok'],
  [/^(kimi|moonshot)/, 'kimi'],
  [/^(command|aya)/, 'command'],
  [/^(nova|titan)/, 'nova'],
  [/^phi/, 'phi'],
  [/^(glm|chatglm)/, 'glm'],
]

/** A model that is in no family is one by itself. */
export function familyOf(model: string): string {
  const id = bareModel(model)
  return families.find(([names]) => names.test(id))?.[1] ?? id
}
