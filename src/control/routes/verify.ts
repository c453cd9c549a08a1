import { controlRoute } from '../route.ts'

/** Reads everything. */
export const verify = controlRoute({
  name: 'verify',
  method: 'POST',
  path: '/verify',
  summary:
    'Reads everything: every record parses, every segment authenticates, every body is named once, content matches its checksums, the trail agrees. No event is left.',
  guard: 'machine',
  parameters: {
    repair: { in: 'query', type: 'boolean', summary: 'Removes what is unreachable, and nothing else.' },
  },
  run: (controls, { repair }) => controls.verify({ repair }),
})
