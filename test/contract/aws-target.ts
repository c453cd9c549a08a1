import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { AwsSettings } from './aws-settings.ts'
import { exampleRegion } from './names.ts'
import {
  type Account,
  type AdministratorClients,
  administratorOf,
  type Configuration,
  canonicalIdOf,
  clientsOf,
  type Patience,
  type Target,
} from './target.ts'

/* An account of AWS. It must be named, so that nobody's account is used because its credentials happened to be there. */

/** What becomes known within seconds on AWS: IAM's entities and policies, bucket policies, key policies, grants. */
const ofAws: Patience = { first: 20_000, pause: 5_000, tries: 24, times: 3 }

/** An emulator knows at once; what it is asked goes the same way. */
const ofEmulator: Patience = { first: 0, pause: 10, tries: 5, times: 2 }

/** Said here, so that no file of configuration leads elsewhere. */
const endpointsOfAws = {
  s3: `https://s3.${exampleRegion}.amazonaws.com`,
  kms: `https://kms.${exampleRegion}.amazonaws.com`,
  iam: 'https://iam.amazonaws.com',
  sts: `https://sts.${exampleRegion}.amazonaws.com`,
}

/** S3 alone is there without TLS. */
const withoutTls = { ...endpointsOfAws, s3: `http://s3.${exampleRegion}.amazonaws.com` }

/** ms; presigned URLs are made by this machine's clock, and AWS takes a few minutes' difference at most. */
const mostSkew = 60_000

/**
 * @param given otherwise in tests: how long to wait, and the time of this machine in ms
 * @throws where the credentials are those of another account than the one that was named, and where there are none, or the clock is
 * wrong: nothing was made then
 */
export async function openAwsTarget(
  { account, otherRole, endpoint }: AwsSettings,
  given: { patience?: Patience; maxAttempts?: number; now?: () => number } = {},
): Promise<Target> {
  const { patience = endpoint ? ofEmulator : ofAws, maxAttempts = 10, now = Date.now } = given
  const configuration = { region: exampleRegion, maxAttempts, endpoints: endpoint ?? endpointsOfAws }
  const administrator = administratorOf(configuration)
  const { id, date } = await identityOf(administrator)
  if (!account) throw new Error(`Set S3KMS_TEST_AWS_ACCOUNT to ${id} if this account may be used`)
  if (id !== account) {
    throw new Error(`S3KMS_TEST_AWS_ACCOUNT is ${account}, and the credentials are those of ${id}: nothing was done`)
  }
  const skew = Math.round((now() - date) / 1000)
  if (Math.abs(skew) * 1000 > mostSkew) {
    throw new Error(`The clock of this machine is ${Math.abs(skew)} s ${skew > 0 ? 'fast' : 'slow'}: nothing was done`)
  }
  const target: Target = {
    name: endpoint ? 'rehearsal' : 'aws',
    region: exampleRegion,
    own: { id, canonicalId: await canonicalIdOf(administrator), administrator },
    other: otherRole ? await assume(administrator, otherRole, configuration) : undefined,
    clientsFor: (credentials, way) => clientsOf(configuration, credentials ?? 'nobody', way),
    overPlainHttp: endpoint
      ? undefined
      : async () => ({
          ...target,
          clientsFor: (credentials, way) =>
            clientsOf({ ...configuration, endpoints: withoutTls }, credentials ?? 'nobody', way),
        }),
    patience,
    async close() {},
  }
  return target
}

/** Whose credentials they are, and what time it is there. */
async function identityOf({ sts }: AdministratorClients): Promise<{ id: string; date: number }> {
  let date = Date.now()
  const command = new GetCallerIdentityCommand({})
  command.middlewareStack.add(
    (next) => async (given) => {
      const result = await next(given)
      date = Date.parse(Object(result.response).headers.date)
      return result
    },
    { step: 'deserialize' },
  )
  const { Account: id = '' } = await sts.send(command).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === 'CredentialsProviderError')) throw error
    throw new Error(`There are no credentials (${error.message}): nothing was done`)
  })
  return { id, date }
}

async function assume({ sts }: AdministratorClients, RoleArn: string, configuration: Configuration): Promise<Account> {
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'contract' }))
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {}
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
  const assumed = administratorOf(configuration, credentials)
  return { id: RoleArn.split(':')[4] ?? '', canonicalId: await canonicalIdOf(assumed), administrator: assumed }
}
