import { readFileSync } from 'node:fs'
import { parseWaivers } from '../../../shared/config/waivers-file.ts'
import { type Config } from '../../../shared/config/schema.ts'
import { waiverId } from '../../../shared/config/waivers.ts'

/** Those of the config, and those that its file got since this process has read it: a report must not call them unknown. */
export function knownWaivers(config: Pick<Config, 'waivers' | 'waiversFile'>): Config['waivers'] {
  const ids = new Set(config.waivers.map(waiverId))
  return [...config.waivers, ...inFile(config).filter((waiver) => !ids.has(waiverId(waiver)))]
}

function inFile(config: Pick<Config, 'waivers' | 'waiversFile'>): Config['waivers'] {
  if (config.waiversFile === undefined) return []
  try {
    return parseWaivers(readFileSync(config.waiversFile, 'utf8'), { file: config.waiversFile, env: {}, config })
  } catch {
    // Whoever starts next with this file is told what is wrong with it.
    return []
  }
}
