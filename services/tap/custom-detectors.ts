import { runInNewContext } from 'node:vm'
import { type TapConfig } from '../../shared/config/schema.ts'
import { UnderstudyError } from '../../shared/errors.ts'
import { type Detector } from './detectors.ts'

type Pattern = TapConfig['redact']['patterns'][number]

/** Length of text a pattern of the config sees at once, so that a slow one stays bearable. */
export const windowLength = 8_192

const probeTimeoutMs = 250

/** The config's own patterns. One that does not compile, matches nothing at all or can run away stops the start. */
export function customDetectors(patterns: readonly Pattern[]): Detector[] {
  return patterns.map((pattern) => {
    const regex = compile(pattern)
    refuseEmptyMatch(pattern, regex)
    refuseRunaway(pattern, regex)
    // Of what it needs nothing is known: every text holds the empty one.
    return { label: pattern.name.toUpperCase().replaceAll('-', '_'), hints: [''], regex }
  })
}

function compile(pattern: Pattern): RegExp {
  try {
    return new RegExp(pattern.regex, 'g')
  } catch (err) {
    throw invalid(pattern, `is not a regular expression (${(err as Error).message}): correct it`, err)
  }
}

function refuseEmptyMatch(pattern: Pattern, regex: RegExp): void {
  if (new RegExp(regex.source).test('')) throw invalid(pattern, 'matches the empty text: make it require a character')
}

/** Nested repetition shows on runs of one character; the engine stops it in the middle of a match. */
function refuseRunaway(pattern: Pattern, regex: RegExp): void {
  const probes = ['a', '0', ' ', 'A', 'aA0', 'a ', '0-'].map((run) => `${run.repeat(windowLength / run.length)}\u0000`)
  try {
    runInNewContext('for (const probe of probes) probe.search(regex)', { probes, regex }, { timeout: probeTimeoutMs })
  } catch (err) {
    throw invalid(pattern, 'takes too long on plain text: avoid repetition inside repetition, such as (a+)+', err)
  }
}

function invalid(pattern: Pattern, what: string, cause?: unknown): UnderstudyError {
  return new UnderstudyError('CONFIG_INVALID', `tap.redact.patterns: the pattern "${pattern.name}" ${what}.`, { cause })
}
