/** What the bench asks of a process, and is told. */
export type Ask = 'tell' | 'weigh' | 'stop'
export type Told = {
  cpuUs: number
  /** Rows of comparisons that are visible. */
  visible: number
  /** Of each of them since the last time: from the capture of its exchange until it could be asked for. */
  lateMs: number[]
}
/** Bytes on the disk of the store. */
export type Weight = { bodies: number; numbers: number }
export const stages = ['provider', 'replay', 'compare', 'record'] as const
export type StageName = (typeof stages)[number]
