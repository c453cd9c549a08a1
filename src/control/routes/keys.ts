import { placeOf, placeParameters } from '../place.ts'
import { controlRoute } from '../route.ts'

/** The KMS keys, without a trace in the trail. */
export const keys = controlRoute({
  name: 'keys',
  method: 'GET',
  path: '/keys',
  summary:
    'The KMS keys of an account in a Region, with their aliases. No policy refuses it, and it leaves no event in the trail.',
  guard: 'machine',
  parameters: placeParameters,
  async run(controls, place) {
    return { keys: await controls.keys(placeOf(place)) }
  },
})
