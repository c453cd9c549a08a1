/*
 * Names of buckets. Source: Amazon S3 User Guide, "General purpose bucket naming rules".
 */

/** 3 to 63 characters; labels of a-z, 0-9 and hyphens between dots, each beginning and ending with a letter or digit. */
const labels = /^(?=.{3,63}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/
const internetAddress = /^\d+\.\d+\.\d+\.\d+$/
const reservedPrefixes = ['xn--', 'sthree-', 'amzn-s3-demo-']
const reservedSuffixes = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3']

/** May a bucket have that name? */
export function isBucketName(name: string): boolean {
  if (!labels.test(name) || internetAddress.test(name)) return false
  if (reservedPrefixes.some((prefix) => name.startsWith(prefix))) return false
  return !reservedSuffixes.some((suffix) => name.endsWith(suffix))
}

/** Names that belong to an account in a Region end in both: `PREFIX-ACCOUNT-REGION-an`. */
const namespaceSuffix = /-(\d{12})-([a-z]{2}(?:-[a-z]+)+-\d+)-an$/

/** @returns undefined for a name of the global namespace */
export function namespaceOf(name: string): { accountId: string; region: string } | undefined {
  const [, accountId, region] = namespaceSuffix.exec(name) ?? []
  return accountId === undefined || region === undefined ? undefined : { accountId, region }
}
