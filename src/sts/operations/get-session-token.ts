import { integer, string, structure } from '../../protocol/shapes.ts'
import { stsErrors } from '../errors.ts'
import { type StsCall, stsOperation } from '../operation.ts'
import { credentialsOf, provesMfa } from '../session.ts'

const usualDuration = 43_200
const longestOfRoot = 3600

export const GetSessionToken = stsOperation({
  name: 'GetSessionToken',
  input: structure({
    DurationSeconds: integer({ min: 900, max: 129_600 }),
    SerialNumber: string({ min: 9, max: 256, pattern: '^[\\w+=/:,.@-]*$' }),
    TokenCode: string({ min: 6, max: 6, pattern: '^[\\d]*$' }),
  }),
  openTo: 'long-term keys',
  differs: 'MFA devices are declared in fixture files; a code may be used again.',
  async handle(call, { DurationSeconds, ...mfa }) {
    const mfaAt = provesMfa(call, mfa) ? call.now : undefined
    const { arn, userName = '', principalId } = call.caller
    const { accessKeyId, session } = await call.services.principals.sessions.start({
      kind: 'user',
      roleArn: arn,
      sessionName: userName,
      uniqueId: principalId,
      seconds: secondsOf(call, DurationSeconds),
      mfaAt,
    })
    return { Credentials: credentialsOf(accessKeyId, session) }
  },
})

/** How long credentials of a user last; those of a root an hour at most. @throws AwsError ValidationError */
export function secondsOf({ caller }: StsCall, asked: number | undefined): number {
  if (caller.type !== 'Root') return asked ?? usualDuration
  if (asked === undefined || asked <= longestOfRoot) return asked ?? longestOfRoot
  throw stsErrors.ValidationError(
    `The requested DurationSeconds exceeds the ${longestOfRoot} seconds that sessions of the root may last.`,
  )
}
