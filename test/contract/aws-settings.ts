import { unfinishedFolder } from './journal.ts'
import { recordedFolder } from './recording.ts'

/* What is set by variables, all of them `S3KMS_TEST_…` (docs/contract.md). */

export interface AwsSettings {
  /** S3KMS_TEST_AWS_ACCOUNT: the account's id. */
  account: string | undefined
  /** S3KMS_TEST_AWS_OTHER_ROLE: the ARN of an administrators' role in a second account. */
  otherRole: string | undefined
  /** S3KMS_TEST_AWS_MOST_DOLLARS */
  mostDollars: number
  /** S3KMS_TEST_ENDPOINT: an emulator in AWS's place; undefined: AWS. */
  endpoint: string | undefined
  /** S3KMS_TEST_RECORDINGS: the folder for what is recorded. */
  recordings: string
  /** S3KMS_TEST_JOURNALS: the folder for what is there until its run is over. */
  journals: string
}

/** @throws where they do not fit together */
export function awsSettings(environment: NodeJS.ProcessEnv): AwsSettings {
  const redirected = Object.keys(environment).find((name) => name.startsWith('AWS_ENDPOINT_URL'))
  if (redirected) throw new Error(`${redirected} is set: what is kept as AWS's answer must come from AWS`)
  const { S3KMS_TEST_ENDPOINT: endpoint, S3KMS_TEST_RECORDINGS: folder } = environment
  if (endpoint && !folder) {
    throw new Error(
      'S3KMS_TEST_ENDPOINT is for rehearsals, which are recorded in a folder of their own: set S3KMS_TEST_RECORDINGS',
    )
  }
  const mostDollars = Number(environment.S3KMS_TEST_AWS_MOST_DOLLARS ?? '1')
  if (!(mostDollars >= 0)) throw new Error('S3KMS_TEST_AWS_MOST_DOLLARS is no number')
  return {
    account: environment.S3KMS_TEST_AWS_ACCOUNT,
    otherRole: environment.S3KMS_TEST_AWS_OTHER_ROLE,
    mostDollars,
    endpoint,
    recordings: folder ?? recordedFolder,
    journals: environment.S3KMS_TEST_JOURNALS ?? unfinishedFolder,
  }
}
