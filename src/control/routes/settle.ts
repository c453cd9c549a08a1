import { controlRoute } from '../route.ts'

/** Waits for what is due. */
export const settle = controlRoute({
  name: 'settle',
  method: 'POST',
  path: '/settle',
  summary:
    'Answers once everything is done that is due by the clock: keys whose time has come are deleted, their events are in the trail, and notifications were tried that are due.',
  guard: 'machine',
  parameters: {},
  async run(controls) {
    await controls.settle()
    return { status: 'settled' }
  },
})
