import { writeFile } from 'node:fs/promises'
import { UnderstudyError } from '../../shared/errors.ts'

/** USAGE where the file that `--output` names cannot be written. */
export async function writeOutput(file: string, content: string | Buffer): Promise<void> {
  try {
    await writeFile(file, content)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const message = `--output ${file} cannot be written (${code}): name a file in a folder that is there and may be written to`
    throw new UnderstudyError('USAGE', message, { cause })
  }
}
