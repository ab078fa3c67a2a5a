import { readFile } from 'node:fs/promises'
import { UnderstudyError } from '../../../shared/errors.ts'

/** A scorer's module as it stands in its file. CONFIG_INVALID where it is not there. */
export async function textOf(name: string, module: string): Promise<Buffer> {
  return await readFile(module).catch((cause: Error & { code?: string }) => {
    const message = `compare.scorers ${name}: ${module} cannot be read (${cause.code}): the path starts from the folder of the config file`
    throw new UnderstudyError('CONFIG_INVALID', message, { cause })
  })
}
