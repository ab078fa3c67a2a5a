/** Where the provider answers at once, where 20 ms later, and where it streams. */
export type Urls = { whole: string; later: string; streams: string }
