import { questionShape } from '../../lab/policy/question.ts'
import { jsonBody } from '../body.ts'
import { momentIn, momentWords } from '../moment.ts'
import { controlRoute } from '../route.ts'

/** The least that recorded calls needed. */
export const policySuggest = controlRoute({
  name: 'policySuggest',
  method: 'GET',
  path: '/policy/suggest',
  summary:
    'The least that a principal’s recorded calls needed, as an identity policy, key policies and bucket policies, with conditions on the encryption context.',
  guard: 'machine',
  parameters: {
    principal: {
      in: 'query',
      type: 'string',
      required: true,
      summary: 'The ARN of a user or role, or its name in the account.',
    },
    since: { in: 'query', type: 'string', summary: `Calls from that time on, ${momentWords}.` },
  },
  run: ({ policy }, { principal, since }) => policy.suggest(principal, { since: momentIn('since', since) }),
})

/** About a call that was never made. */
export const policyWhyNot = controlRoute({
  name: 'policyWhyNot',
  method: 'POST',
  path: '/policy/why-not',
  summary:
    'Whether a call that nobody made would be allowed, with every statement that was weighed. It leaves no event.',
  guard: 'machine',
  parameters: {},
  body: jsonBody(
    'Who (`*`: nobody), the action (`kms:Decrypt`, `s3:GetObject`), the resource, and of KMS the encryption context and whether S3 asks.',
    questionShape,
  ),
  run: ({ policy }, _, { body }) => policy.whyNot(body),
})
