import { controlRoute } from '../route.ts'

/** Whether the emulator is ready, and well. */
export const health = controlRoute({
  name: 'health',
  method: 'GET',
  path: '/health',
  summary:
    'Whether the emulator is ready and well: `ok`, `degraded` with the reason, or `starting` with status 503 until everything is seeded and all scripts have ended; what there is, the version, the seconds it is up.',
  guard: 'anyone',
  parameters: {},
  run: (controls) => controls.health(),
})
