/** As `npm run bench -- pipeline` writes them. */
export type UnitCosts = {
  arms: number
  cpuSecondsPerMillion: Record<'replay' | 'compare' | 'record' | 'broker', number>
  /** On disk, of one exchange with all its arms; `log`: of one copy. */
  bytesPerExchange: { bodies: number; numbers: number; log: number }
}
export type Assumptions = {
  /** Of a core: the rest is for peaks and for catching up. */
  utilisation: number
  dollarsPerCoreHour: number
  dollarsPerGibMonth: number
  bodiesDays: number
  metricsDays: number
  logDays: number
  replicas: number
}
export type Plan = {
  exchangesPerSecond: number
  cores: Record<'replay' | 'compare' | 'record' | 'broker', number>
  /** Whole cores of all. */
  coresToHave: number
  brokers: number
  storeGib: number
  logGib: number
  dollarsPerMonth: number
}

const gib = 1024 ** 3
const dayS = 86_400
const monthHours = 730
/** What one broker is given at most. */
const brokerCores = 4

/** What so much traffic takes, if every exchange is replayed. The tap and the models are not in it. */
export function planFor(exchangesPerSecond: number, units: UnitCosts, given: Assumptions): Plan {
  const perSecond = exchangesPerSecond * units.arms
  const coresOf = (part: keyof UnitCosts['cpuSecondsPerMillion'], times = 1): number =>
    (times * perSecond * units.cpuSecondsPerMillion[part]) / 1e6 / given.utilisation
  // Each replica is written by a broker.
  const isOneEnough = exchangesPerSecond <= 10
  const replicas = isOneEnough ? 1 : given.replicas
  const cores = {
    replay: coresOf('replay'),
    compare: coresOf('compare'),
    record: coresOf('record'),
    broker: coresOf('broker', replicas),
  }
  const coresToHave = Object.values(cores).reduce((sum, each) => sum + Math.max(0.25, each), 0)
  const { bodies, numbers, log } = units.bytesPerExchange
  const daily = exchangesPerSecond * dayS
  const storeGib = (daily * (bodies * given.bodiesDays + numbers * given.metricsDays)) / gib
  const logGib = (daily * log * given.logDays * replicas) / gib
  const dollarsPerMonth =
    Math.ceil(coresToHave) * given.dollarsPerCoreHour * monthHours + (storeGib + logGib) * given.dollarsPerGibMonth
  return {
    exchangesPerSecond,
    cores,
    coresToHave: Math.ceil(coresToHave),
    brokers: isOneEnough ? 1 : Math.max(given.replicas, Math.ceil(cores.broker / brokerCores)),
    storeGib,
    logGib,
    dollarsPerMonth,
  }
}
