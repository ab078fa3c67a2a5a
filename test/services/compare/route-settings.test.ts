import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { routeSettings } from '../../../services/compare/route-settings.ts'
import { Compare, Route } from '../../../shared/config/schema.ts'

test('a route has what it declares, and the settings of all routes for the rest', () => {
  const settingsOf = routeSettings({
    compare: Compare.parse({ factVeto: 'all' }),
    routes: [
      Route.parse({ name: 'manual', grounded: true, factVeto: 'none' }),
      Route.parse({ name: 'support' }),
      Route.parse({ name: 'poems', grounded: false }),
    ],
  })

  deepEqual(settingsOf('manual'), { factVeto: 'none', grounded: true })
  deepEqual(settingsOf('support'), { factVeto: 'all', grounded: null })
  deepEqual(settingsOf('poems'), { factVeto: 'all', grounded: false })
  deepEqual(settingsOf('imported'), { factVeto: 'all', grounded: null })
  deepEqual(routeSettings({ compare: Compare.parse({}), routes: [] })('x'), { factVeto: 'text', grounded: null })
})
