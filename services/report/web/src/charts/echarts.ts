import { BarChart, BoxplotChart, LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

/** The library empties its element by `innerHTML = ''`. Nothing else becomes markup, here or anywhere on the page. */
const policies = (window as { trustedTypes?: { createPolicy: (name: string, rules: object) => unknown } }).trustedTypes
policies?.createPolicy('default', { createHTML: (text: string) => (text === '' ? text : null) })

// The parts that are drawn with, and no others.
use([
  BarChart,
  BoxplotChart,
  LineChart,
  AriaComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  CanvasRenderer,
])

export { init }
