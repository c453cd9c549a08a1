import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts'
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
const patience: Patience = { first: 20_000, pause: 5_000, most: 120_000, times: 3 }

/** S3 alone is there without TLS. */
const plain = { endpoint: `http://s3.${exampleRegion}.amazonaws.com` }

export interface AwsSettings {
  /** S3KMS_TEST_AWS_ACCOUNT: the account's id. */
  account: string | undefined
  /** S3KMS_TEST_AWS_OTHER_ROLE: the ARN of an administrators' role in a second account. */
  otherRole: string | undefined
}

export function awsSettings(environment: NodeJS.ProcessEnv = process.env): AwsSettings {
  const redirected = Object.keys(environment).find((name) => name.startsWith('AWS_ENDPOINT_URL'))
  if (redirected) throw new Error(`${redirected} is set: what is kept as AWS's answer must come from AWS`)
  return { account: environment.S3KMS_TEST_AWS_ACCOUNT, otherRole: environment.S3KMS_TEST_AWS_OTHER_ROLE }
}

/**
 * @param configuration where AWS is; given by the test of this file alone
 * @throws where the credentials are those of another account than the one that was named; nothing was made then
 */
export async function openAwsTarget(
  { account, otherRole }: AwsSettings,
  configuration: Configuration = { region: exampleRegion, maxAttempts: 10 },
  waits: Patience = patience,
): Promise<Target> {
  const administrator = administratorOf(configuration)
  const { Account: id = '' } = await administrator.sts.send(new GetCallerIdentityCommand({}))
  if (!account) throw new Error(`Set S3KMS_TEST_AWS_ACCOUNT to ${id} if this account may be used`)
  if (id !== account) {
    throw new Error(`S3KMS_TEST_AWS_ACCOUNT is ${account}, and the credentials are those of ${id}: nothing was done`)
  }
  const target: Target = {
    name: 'aws',
    region: exampleRegion,
    own: { id, canonicalId: await canonicalIdOf(administrator), administrator },
    other: otherRole ? await assume(administrator, otherRole, configuration) : undefined,
    clientsFor: (credentials, way) => clientsOf(configuration, credentials ?? 'nobody', way),
    overPlainHttp: async () => ({
      ...target,
      clientsFor: (credentials, way) => clientsOf({ ...configuration, ...plain }, credentials ?? 'nobody', way),
    }),
    patience: waits,
    async close() {},
  }
  return target
}

async function assume({ sts }: AdministratorClients, RoleArn: string, configuration: Configuration): Promise<Account> {
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'contract' }))
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {}
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
  const assumed = administratorOf(configuration, credentials)
  return { id: RoleArn.split(':')[4] ?? '', canonicalId: await canonicalIdOf(assumed), administrator: assumed }
}
