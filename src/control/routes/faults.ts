import { faultRuleShape } from '../../lab/faults/fault-rule.ts'
import { jsonBody } from '../body.ts'
import { controlRoute } from '../route.ts'

const common = { guard: 'machine', parameters: {} } as const

/** What goes wrong on purpose. */
export const faultList = controlRoute({
  ...common,
  name: 'faultList',
  method: 'GET',
  path: '/faults',
  summary: 'The faults that are in force, in the order in which a call meets them, and how often each struck.',
  run: async ({ faults }) => ({ faults: await faults.list() }),
})

/** Adds a rule. */
export const faultAdd = controlRoute({
  ...common,
  name: 'faultAdd',
  method: 'POST',
  path: '/faults',
  summary:
    'Has calls go wrong on purpose: `docs/lab.md` says what a rule may be. It is in memory, and a reset ends it.',
  body: jsonBody('The rule: which calls, what goes wrong, how often.', faultRuleShape),
  run: ({ faults }, _, { body }) => faults.add(body),
})

/** Ends all. */
export const faultsClear = controlRoute({
  ...common,
  name: 'faultsClear',
  method: 'DELETE',
  path: '/faults',
  summary: 'Ends all faults.',
  async run({ faults }) {
    await faults.clear()
    return { faults: [] }
  },
})

/** Ends one. */
export const faultClear = controlRoute({
  ...common,
  name: 'faultClear',
  method: 'DELETE',
  path: '/faults/:id',
  summary: 'Ends one fault.',
  parameters: { id: { in: 'path', type: 'string', summary: 'As `faultAdd` answered it: `fault-1`.' } },
  async run({ faults }, { id }) {
    await faults.clear(id)
    return { faults: await faults.list() }
  },
})
