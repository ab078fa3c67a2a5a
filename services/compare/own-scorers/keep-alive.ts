/** What a scorer leaves behind must not end the process, nor may it do so on purpose. Returns what takes this back. */
export function keepAlive(): () => void {
  const exit = process.exit.bind(process)
  const ignored = (): void => {}
  process.on('unhandledRejection', ignored)
  process.exit = () => {
    throw new Error('a scorer must not end the process')
  }
  return () => {
    process.off('unhandledRejection', ignored)
    process.exit = exit
  }
}
