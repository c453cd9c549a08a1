import { controlRoute } from '../route.ts'

/** Empties the emulator. */
export const reset = controlRoute({
  name: 'reset',
  method: 'POST',
  path: '/reset',
  summary: 'Empties everything: keys, buckets, objects, principals, trail. Requests that do not end are cut off.',
  guard: 'machine',
  parameters: {
    fixtures: { in: 'query', type: 'boolean', summary: 'Applies the fixture files again.' },
  },
  async run(controls, { fixtures = false }, { incoming }) {
    return { status: 'reset', fixtureReport: await controls.reset({ fixtures }, incoming) }
  },
})
