/** Adds up the time between each `start` and the `pause` after it. Runs from the beginning. */
export class Stopwatch {
  #elapsedMs = 0
  #sinceMs: number | null = performance.now()
  #pauses = 0

  get elapsedMs(): number {
    return this.#elapsedMs
  }

  /** How often it was stopped. */
  get pauses(): number {
    return this.#pauses
  }

  start(): void {
    this.#sinceMs = performance.now()
  }

  /** Does nothing while it stands still. */
  pause(): void {
    if (this.#sinceMs === null) return
    this.#elapsedMs += performance.now() - this.#sinceMs
    this.#sinceMs = null
    this.#pauses += 1
  }
}
