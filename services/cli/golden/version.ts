import { usage } from '../input-file.ts'

/** `--set-version`, where it was given. */
export function versionIn({ setVersion }: { setVersion?: string }): number | undefined {
  if (setVersion === undefined) return undefined
  const version = Number(setVersion)
  if (Number.isSafeInteger(version) && version > 0) return version
  throw usage(`--set-version "${setVersion}" is no version: they are 1, 2, … (understudy golden show)`)
}
