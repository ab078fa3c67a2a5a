import { labelOf } from '../label.ts'
import { isAboutJson } from './format.ts'
import { broken, type Rung } from './rung.ts'

/** Decides wherever a tool is called: text beside a call is not compared. */
export const tools: Rung = (pair) => {
  const compared = pair.tools()
  return compared && { decidedBy: 'tools', quality: compared.f1, differences: compared.differences }
}

export const json: Rung = (pair) => {
  const fields = isAboutJson(pair) ? pair.fields() : null
  return fields && { decidedBy: 'json', quality: fields.quality, differences: fields.differences }
}

export const label: Rung = (pair) => {
  if (pair.task !== 'label') return null
  const isSame = labelOf(pair.served.text) === labelOf(pair.arm.text)
  return isSame ? { decidedBy: 'label', quality: 1, differences: [] } : broken('label', 'another label', pair)
}
