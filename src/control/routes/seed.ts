import { jsonDocument } from '../body.ts'
import { controlRoute } from '../route.ts'

/** Makes what fixtures declare. */
export const seed = controlRoute({
  name: 'seed',
  method: 'POST',
  path: '/seed',
  summary:
    'Makes what fixtures declare and is not there: principals, keys, buckets, objects. What exists is left as it is, and so is what was made before one that is refused.',
  guard: 'machine',
  parameters: {},
  body: jsonDocument('What a fixture file says, as JSON; objects have a `body`, not a `file`.'),
  async run(controls, _, { body }) {
    return { status: 'seeded', fixtureReport: await controls.seed(body) }
  },
})
