import { canBeRegion } from '../../aws/arn.ts'
import { AwsError } from '../../aws/errors.ts'
import { ConnectionReset } from '../../fault-source.ts'
import { consoleUser } from '../console-user.ts'
import { type ApiContext, ConsoleRefusal } from '../services.ts'

/** KMS's own answer: its status and its JSON. */
export interface KmsAnswer {
  status: number
  body: object
}

/**
 * Calls KMS as the console's user: policies decide, and the trail records it, as of any other caller.
 * @param input as in KMS's JSON
 */
export async function callKms(
  { services, ambient, settings }: ApiContext,
  operation: string,
  input: unknown,
  region = settings.region,
): Promise<KmsAnswer> {
  if (!canBeRegion(region)) throw new ConsoleRefusal(400, `'${region}' is no Region`)
  const requestId = ambient.uuid()
  const caller = consoleUser(settings.accountId)
  const surroundings = { clientAddress: '127.0.0.1', userAgent: 's3kms-emu console', secure: true }
  try {
    const output = await services.inProcess.kms.invoke(operation, input, { caller, region, requestId, ...surroundings })
    return { status: 200, body: output ?? {} }
  } catch (error) {
    // There is no connection of its own: the page is told.
    if (error instanceof ConnectionReset) {
      return { status: 502, body: { code: 'ConnectionReset', message: error.message, requestId } }
    }
    if (!(error instanceof AwsError)) throw error
    return { status: error.status, body: { code: error.code, message: error.message, requestId } }
  }
}
