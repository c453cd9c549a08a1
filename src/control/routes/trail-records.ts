import { controlRoute } from '../route.ts'

/** The whole trail, to be kept. */
export const trailRecords = controlRoute({
  name: 'trailRecords',
  method: 'GET',
  path: '/trail/records',
  summary:
    'All that the trail holds, of all accounts and Regions, data events too: a record of CloudTrail’s in each line of JSON; of an account in a Region the newest first.',
  guard: 'machine',
  parameters: {},
  answers: 'lines',
  run: async (controls) => controls.trailRecords(),
})
