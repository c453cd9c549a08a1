import { ControlRefusal, type ControlRoute, controlRoute } from './route.ts'

/** Whether the emulator is ready, and well. */
export const health = controlRoute({
  name: 'health',
  method: 'GET',
  path: '/health',
  summary:
    'Whether the emulator is ready and well: `ok`, or `degraded` with the reason; what there is, the version, the seconds it is up.',
  guard: 'anyone',
  parameters: {},
  run: (controls) => controls.health(),
})

/** Why calls ended as they did. */
export const explain = controlRoute({
  name: 'explain',
  method: 'GET',
  path: '/explain/:id',
  summary: 'Why calls ended as they did: what was weighed, and what would have to change.',
  guard: 'machine',
  parameters: {
    id: {
      in: 'path',
      type: 'string',
      summary: 'Of a request of KMS or S3; what S3 asked of KMS for it is shown with it. Or `last`.',
    },
  },
  async run(controls, { id }) {
    const explanations = await controls.explain(id)
    if (explanations.length > 0) return { explanations }
    throw new ControlRefusal(404, `Nothing is known of ${id}: no policy was asked about it, or too long ago`)
  },
})

/** The KMS keys, without a trace in the trail. */
export const keys = controlRoute({
  name: 'keys',
  method: 'GET',
  path: '/keys',
  summary:
    'The KMS keys of an account in a Region, with their aliases. No policy refuses it, and it leaves no event in the trail.',
  guard: 'machine',
  parameters: {
    account: { in: 'query', type: 'string', summary: 'Twelve digits; the emulator’s own where it is not named.' },
    region: { in: 'query', type: 'string', summary: 'The emulator’s own where it is not named.' },
  },
  async run(controls, { account, region }) {
    return { keys: await controls.keys({ accountId: account, region }) }
  },
})

/** What buckets told of their objects. */
export const notifications = controlRoute({
  name: 'notifications',
  method: 'GET',
  path: '/notifications',
  summary:
    'What buckets told of their objects, by their notification configurations: the oldest first, with what became of its delivery. The newest 10,000 are kept.',
  guard: 'machine',
  parameters: {
    after: {
      in: 'query',
      type: 'string',
      summary: 'Goes on behind the notification of that number: `next` of the page before.',
    },
    limit: { in: 'query', type: 'string', summary: 'How many at most: 1 to 1,000; 100 where it is not named.' },
    bucket: { in: 'query', type: 'string', summary: 'Those of one bucket.' },
  },
  async run(controls, { after, limit, bucket }) {
    const query = { after: wholeNumber('after', after, 0), limit: wholeNumber('limit', limit, 1, 1000), bucket }
    return controls.notifications(query)
  },
})

/** What S3 did with objects. */
export const dataEvents = controlRoute({
  name: 'dataEvents',
  method: 'GET',
  path: '/trail',
  summary:
    'The data events of an account in a Region, the newest first: what S3 did with objects, where the emulator was started with `--trail-data-events`. LookupEvents has all others.',
  guard: 'machine',
  parameters: {
    account: { in: 'query', type: 'string', summary: 'Twelve digits; the emulator’s own where it is not named.' },
    region: { in: 'query', type: 'string', summary: 'The emulator’s own where it is not named.' },
    limit: { in: 'query', type: 'string', summary: 'How many at most: 1 to 1,000; 50 where it is not named.' },
    since: { in: 'query', type: 'string', summary: 'Those from that time on, in milliseconds since the epoch.' },
    after: { in: 'query', type: 'string', summary: 'Goes on with older ones: `next` of the page before.' },
  },
  async run(controls, { account, region, limit, since, after }) {
    const [time, sequence, ...more] = after === undefined ? [] : after.split('-').map(Number)
    if (after !== undefined && !(Number.isSafeInteger(time) && Number.isSafeInteger(sequence) && more.length === 0)) {
      throw new ControlRefusal(422, `after must be what a page before gave as next, not '${after}'`)
    }
    return controls.dataEvents({
      accountId: account,
      region,
      limit: wholeNumber('limit', limit, 1, 1000),
      startTime: wholeNumber('since', since, 0),
      after: time === undefined || sequence === undefined ? undefined : [time, sequence],
    })
  },
})

function wholeNumber(name: string, text: string | undefined, least: number, most = Number.MAX_SAFE_INTEGER) {
  if (text === undefined) return undefined
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new ControlRefusal(422, `${name} must be a whole number from ${least} to ${most}, not '${text}'`)
}

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
  async run(controls, { fixtures = false }, incoming) {
    return { status: 'reset', fixtureReport: await controls.reset({ fixtures }, incoming) }
  },
})

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

/** The control API: one table for HTTP, the command line, the library and the documents. */
export const controlRoutes: readonly ControlRoute[] = [health, explain, keys, notifications, dataEvents, reset, settle]
