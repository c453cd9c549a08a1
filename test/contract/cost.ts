import type { Scenario } from './scenario.ts'

/* What a run costs on AWS, estimated from above: prices of us-east-1 in 2026, in dollars. */

const keyAnHour = 1 / 730
const thousandRequests = 0.005
/** An hour for each key, though it is scheduled for deletion sooner. */
const hours = 1
/** To set a scenario up and take it away again. */
const requestsOfScenario = 40
/** How often a row is asked, where it is not answered as expected, too. */
const timesOfRow = 8

export interface Cost {
  keys: number
  requests: number
  dollars: number
}

export function costOf(scenarios: readonly Scenario[]): Cost {
  const keys = scenarios.flatMap((scenario) => Object.keys(scenario.keys ?? {})).length
  const rows = scenarios.flatMap((scenario) => scenario.rows).length
  const requests = scenarios.length * requestsOfScenario + rows * timesOfRow
  const dollars = keys * keyAnHour * hours + (requests / 1000) * thousandRequests
  return { keys, requests, dollars: Math.ceil(dollars * 100) / 100 }
}
