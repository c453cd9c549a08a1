import { momentIn, momentWords } from '../moment.ts'
import { placeOf, placeParameters } from '../place.ts'
import { ControlRefusal, controlRoute } from '../route.ts'
import { wholeNumber } from '../whole-number.ts'

/** What S3 did with objects. */
export const dataEvents = controlRoute({
  name: 'dataEvents',
  method: 'GET',
  path: '/trail',
  summary:
    'The data events of an account in a Region, the newest first: what S3 did with objects, where the emulator was started with `--trail-data-events`. LookupEvents has all others.',
  guard: 'machine',
  parameters: {
    all: { in: 'query', type: 'boolean', summary: 'Those of LookupEvents too, in one order with them.' },
    ...placeParameters,
    limit: { in: 'query', type: 'string', summary: 'How many at most: 1 to 1,000; 50 where it is not named.' },
    since: { in: 'query', type: 'string', summary: `Those from that time on, ${momentWords}.` },
    after: { in: 'query', type: 'string', summary: 'Goes on with older ones: `next` of the page before.' },
  },
  async run(controls, { all, limit, since, after, ...place }) {
    const [time, sequence, ...more] = after === undefined ? [] : after.split('-').map(Number)
    if (after !== undefined && !(Number.isSafeInteger(time) && Number.isSafeInteger(sequence) && more.length === 0)) {
      throw new ControlRefusal(422, `after must be what a page before gave as next, not '${after}'`)
    }
    return controls.dataEvents({
      all,
      ...placeOf(place),
      limit: wholeNumber('limit', limit, 1, 1000),
      startTime: momentIn('since', since),
      after: time === undefined || sequence === undefined ? undefined : [time, sequence],
    })
  },
})
