import { setFlagsFromString } from 'node:v8'

/**
 * For a program's first import. Where most of what one place makes outlives a few collections of young objects, V8 makes
 * it among the old ones from then on, in the hope that it lives long. A moment in which thousands of calls wait is enough
 * for that, and afterwards each call that has ended keeps all it refers to through every young collection, which copies
 * all of it and holds up every call under way, until the process ends.
 * See "Pretenuring" in Clifford et al., Memento Mori: Dynamic Allocation-Site-Based Optimizations, ISMM 2015.
 */
setFlagsFromString('--no-allocation-site-pretenuring')
