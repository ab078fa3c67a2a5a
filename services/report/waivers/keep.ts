import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Document, isSeq, parseDocument, stringify } from 'yaml'
import { parseWaivers } from '../../../shared/config/waivers-file.ts'
import { type Config, type WaiverConfig } from '../../../shared/config/schema.ts'
import { describeWaiver, isInForce, waiverId } from '../../../shared/config/waivers.ts'
import { type WaiverKept } from '../../../shared/contracts/waiver-preview.ts'
import { UnderstudyError } from '../../../shared/errors.ts'

/** It is read when a stage starts, and the past is compared again by it only when somebody says so. */
const afterwards =
  'restart compare and record, so that they read it; understudy compare --rescore --since 30d makes it count for the past'

/**
 * Checks a waiver as the config would, and adds it to the file that `waiversFile` names; where none is named, all that is given is the
 * YAML to paste. USAGE says what is wrong with it, CONFIG_INVALID what the file has become.
 */
export function keepWaiver(waiver: WaiverConfig, config: Config, now: Date): WaiverKept {
  const yaml = stringify([waiver])
  refuseUnusable(waiver, yaml, config, now)
  const told = { version: 1 as const, waiverId: waiverId(waiver), covers: describeWaiver(waiver), yaml }
  const file = config.waiversFile
  if (file === undefined) {
    const next = `paste it under waivers in the config, or name a waiversFile there, to which the report adds; then ${afterwards}`
    return { ...told, keptIn: null, next }
  }
  const text = readFileSync(file, 'utf8')
  const document = text.trim() === '' ? new Document({ waivers: [] }) : parseDocument(text)
  if (!isSeq(document.get('waivers'))) document.set('waivers', document.createNode([]))
  document.addIn(['waivers'], document.createNode(waiver))
  const changed = document.toString()
  // What stands there already may say the same.
  parseWaivers(changed, { file: basename(file), env: {}, config })
  writeWhole(file, changed)
  return { ...told, keptIn: basename(file), next: afterwards }
}

function refuseUnusable(waiver: WaiverConfig, yaml: string, config: Config, now: Date): void {
  const indented = yaml.replaceAll(/^(?=.)/gm, '  ')
  try {
    parseWaivers(`waivers:\n${indented}`, { file: 'the waiver', env: {}, config })
  } catch (err) {
    if (!(err instanceof UnderstudyError)) throw err
    throw new UnderstudyError('USAGE', err.message, { cause: err })
  }
  if (!isInForce(waiver, now)) {
    throw new UnderstudyError('USAGE', `expires ${waiver.expires} is over: give a day that is yet to come`)
  }
  if (config.waivers.some((known) => waiverId(known) === waiverId(waiver))) {
    throw new UnderstudyError('USAGE', `${describeWaiver(waiver)} is waived already: change that waiver in the config`)
  }
}

/** Nobody reads half of it. */
function writeWhole(file: string, text: string): void {
  const beside = `${file}.${process.pid}.new`
  writeFileSync(beside, text)
  renameSync(beside, file)
}
