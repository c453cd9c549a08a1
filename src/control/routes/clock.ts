import { whileClientWaits } from '../client-waits.ts'
import { controlRoute } from '../route.ts'

const common = { guard: 'machine', parameters: {} } as const

/** What the emulator's clock shows. */
export const clockShow = controlRoute({
  ...common,
  name: 'clockShow',
  method: 'GET',
  path: '/clock',
  summary: 'What the emulator’s clock shows, what this machine’s does, and whether it stands still.',
  run: ({ clock }) => clock.show(),
})

/** Turns it on by a while. */
export const clockAdvance = controlRoute({
  ...common,
  name: 'clockAdvance',
  method: 'POST',
  path: '/clock/advance/:by',
  summary:
    'Turns the clock on. What falls due meanwhile is done before the answer, in the order of its time; the trail has each event at its own moment. When its client leaves, the clock stays where it has come to.',
  parameters: { by: { in: 'path', type: 'string', summary: 'How far: `30d`, `1d12h`, `90s`, `250ms`.' } },
  run: ({ clock }, { by }, { incoming }) => whileClientWaits(incoming, (signal) => clock.advance(by, { signal })),
})

/** Turns it on to a moment. */
export const clockSet = controlRoute({
  ...common,
  name: 'clockSet',
  method: 'POST',
  path: '/clock/set/:to',
  summary:
    'Turns the clock on to a moment, as `clockAdvance` does. It goes back only while nothing has happened yet: 409.',
  parameters: { to: { in: 'path', type: 'string', summary: 'A moment with its zone: `2027-01-01T00:00:00Z`.' } },
  run: ({ clock }, { to }, { incoming }) => whileClientWaits(incoming, (signal) => clock.set(to, { signal })),
})

/** Stops it. */
export const clockFreeze = controlRoute({
  ...common,
  name: 'clockFreeze',
  method: 'POST',
  path: '/clock/freeze',
  summary: 'Stops the clock.',
  run: ({ clock }) => clock.freeze(),
})

/** Lets it go on. */
export const clockRun = controlRoute({
  ...common,
  name: 'clockRun',
  method: 'POST',
  path: '/clock/run',
  summary: 'Lets the clock go on from what it shows.',
  run: ({ clock }) => clock.run(),
})
