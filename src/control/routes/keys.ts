import { controlRoute } from '../route.ts'

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
