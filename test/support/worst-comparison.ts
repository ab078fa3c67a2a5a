import { type WorstComparison } from '../../services/report/summary.ts'

export function aWorstComparison(overrides: Partial<WorstComparison> = {}): WorstComparison {
  return {
    comparisonId: '00000000-0000-7000-8000-0000000000aa',
    exchangeId: '00000000-0000-7000-8000-0000000000bb',
    capturedAt: '2026-11-03T10:12:00.000Z',
    route: 'invoice',
    task: 'json',
    outcome: 'different',
    reason: null,
    decidedBy: 'json',
    quality: 0.5,
    controlQuality: 1,
    divergence: 0.4,
    differences: [{ rung: 'json', path: '/total', message: 'value differs', served: '12.5', arm: '125' }],
    servedExcerpt: '{"total": 12.5}',
    armExcerpt: '{"total": 125}',
    losses: [],
    ...overrides,
  }
}

/** Text as a hostile model might answer: terminal codes, markup of every kind, reordering marks. */
export const hostile =
  '\u001B[2J\u001B]0;owned\u0007<script>alert(1)</script><img src=x onerror="alert(1)">\n' +
  '| a | `b` ``` [c](javascript:alert(1)) ![d](http://canary.example/e.png)\u202Etxt.exe\u0000\u009B31m'
