import { createContext, use } from 'react'

/** What ends a session that the report no longer knows; undefined where there is none. */
export const ExpireContext = createContext<(() => void) | undefined>(undefined)

export const useExpire = (): (() => void) | undefined => use(ExpireContext)
