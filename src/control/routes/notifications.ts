import { controlRoute } from '../route.ts'
import { wholeNumber } from '../whole-number.ts'

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
