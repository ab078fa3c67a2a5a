import { type EChartsCoreOption } from 'echarts/core'
import { useEffect, useRef, useState } from 'react'
import { type Theme, useTheme } from './theme.ts'

type Drawn = {
  setOption: (option: EChartsCoreOption, notMerge: boolean) => void
  resize: () => void
  dispose: () => void
}

/**
 * A drawing with a sentence that says what it shows. The library comes only when the first drawing is near the window.
 * Texts are drawn on the canvas and never parsed as markup: names of routes and paths come from traffic.
 */
export function Chart({
  label,
  option,
  height = 240,
}: {
  label: string
  option: (theme: Theme) => EChartsCoreOption
  height?: number
}) {
  const place = useRef<HTMLDivElement>(null)
  const [chart, setChart] = useState<Drawn | null>(null)
  const [failed, setFailed] = useState(false)
  const theme = useTheme()

  useEffect(() => {
    const element = place.current!
    let drawn: Drawn | null = null
    let isGone = false
    const draw = async () => {
      try {
        const { init } = await import('./echarts.ts')
        if (isGone) return
        drawn = init(element, null, { renderer: 'canvas' })
        setChart(drawn)
      } catch {
        setFailed(true)
      }
    }
    const near = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return
        near.disconnect()
        void draw()
      },
      { rootMargin: '400px' },
    )
    near.observe(element)
    const sized = new ResizeObserver(() => drawn?.resize())
    sized.observe(element)
    return () => {
      isGone = true
      near.disconnect()
      sized.disconnect()
      drawn?.dispose()
    }
  }, [])

  useEffect(() => {
    chart?.setOption(withLook(option(theme), theme), true)
  }, [chart, option, theme])

  return (
    <>
      <div className="chart" ref={place} role="img" aria-label={label} style={{ height }} />
      {failed && <p className="soft small">The drawing could not be loaded; its numbers are in the tables below.</p>}
    </>
  )
}

function withLook(option: EChartsCoreOption, theme: Theme): EChartsCoreOption {
  const font = getComputedStyle(document.body).fontFamily
  return {
    animation: false,
    useUTC: true,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: font, color: theme.soft, fontSize: 12 },
    grid: { left: 8, right: 16, top: 16, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    ...option,
    tooltip: {
      renderMode: 'richText',
      backgroundColor: theme.card,
      borderColor: theme.line,
      textStyle: { color: theme.ink, fontSize: 12, fontFamily: font },
      ...(option['tooltip'] as object | undefined),
    },
  }
}

/** An axis of days and hours (UTC, as all times of the report). */
export function timeAxis(theme: Theme): Record<string, unknown> {
  return axis(theme, {
    type: 'time',
    splitLine: { show: false },
    axisLabel: {
      color: theme.soft,
      fontSize: 11.5,
      hideOverlap: true,
      formatter: { year: '{yyyy}', month: '{d} {MMM}', day: '{d} {MMM}', hour: '{HH}:{mm}', minute: '{HH}:{mm}' },
    },
  })
}

/** An axis with quiet lines. */
export function axis(theme: Theme, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    axisLine: { lineStyle: { color: theme.line } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.line, width: 1 } },
    axisLabel: { color: theme.soft, fontSize: 11.5 },
    nameTextStyle: { color: theme.soft, fontSize: 11.5 },
    ...more,
  }
}
