// A process that does nothing else, as the one of `understudy rehearse`: other work would be compiled and kept beside it.
import '../../../shared/young-objects.ts'
import { openArms } from '../../../services/replay/arms.ts'
import { createTransport } from '../../../shared/providers/transport.ts'
import { oneArm } from './one-arm.ts'
import { benchPaced } from './paced.ts'

const [url, concurrency, seconds] = process.argv.slice(2) as [string, string, string]
const transport = createTransport()
process.send!(await benchPaced(openArms(oneArm(url, Number(concurrency)), transport), Number(seconds)))
await transport.close()
process.disconnect!()
