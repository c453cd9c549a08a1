import { verifyLines } from '../../lab/verify/verify-lines.ts'
import { controlRoute, type Parameters } from '../route.ts'

const parameters = {
  repair: { in: 'query', type: 'boolean', summary: 'Removes what is unreachable, and nothing else.' },
} as const satisfies Parameters

/** Reads everything. */
export const verify = controlRoute({
  name: 'verify',
  method: 'POST',
  path: '/verify',
  summary:
    'Reads everything: every record is one of its kind and has what belongs to it, every segment authenticates, every body is named once, content matches its checksums, the trail agrees. No event is left.',
  guard: 'machine',
  parameters,
  run: (controls, { repair }) => controls.verify({ repair }),
})

/** The same, for whoever watches. */
export const verifyProgress = controlRoute({
  name: 'verifyProgress',
  method: 'POST',
  path: '/verify/progress',
  summary:
    'The same, and says meanwhile how far it is: lines of JSON, `{"progress": {"stage", "done", "total"}}` at most ten times a second, and at the end `{"verification": …}`, or `{"refusal": …}` where another state was loaded meanwhile. It ends when its client leaves.',
  guard: 'machine',
  parameters,
  answers: 'lines',
  run: async (controls, { repair }) => verifyLines((options) => controls.verify({ repair, ...options })),
})
