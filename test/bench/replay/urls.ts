/** Where the provider answers at once, and where it streams. */
export type Urls = { whole: string; streams: string }
