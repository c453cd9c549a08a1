import { controlRoute } from '../route.ts'

/** What a review of encryption asks. */
export const audit = controlRoute({
  name: 'audit',
  method: 'GET',
  path: '/audit',
  summary:
    'Objects by scheme and key, calls of KMS by key and caller, and findings: what is unencrypted, public, under the managed key, never used, too broad, or personal data in a context. It walks over everything.',
  guard: 'machine',
  parameters: {},
  run: (controls) => controls.audit(),
})
