/*
 * Operations as access logs name them: REST.METHOD.RESOURCE ("Amazon S3 server access log format"; names that the page does not
 * have are those of delivered logs: evidence: s3-access-logs).
 */

const names: Readonly<Record<string, string>> = {
  PutObject: 'REST.PUT.OBJECT',
  PostObject: 'REST.POST.OBJECT',
  CopyObject: 'REST.COPY.OBJECT',
  UploadPart: 'REST.PUT.PART',
  UploadPartCopy: 'REST.COPY.PART',
  CreateMultipartUpload: 'REST.POST.UPLOADS',
  CompleteMultipartUpload: 'REST.POST.UPLOAD',
  AbortMultipartUpload: 'REST.DELETE.UPLOAD',
  ListParts: 'REST.GET.UPLOAD',
  ListMultipartUploads: 'REST.GET.UPLOADS',
  DeleteObjects: 'REST.POST.MULTI_OBJECT_DELETE',
  ListObjects: 'REST.GET.BUCKET',
  ListObjectsV2: 'REST.GET.BUCKET',
  ListObjectVersions: 'REST.GET.BUCKETVERSIONS',
}

/** Resources by the query parameter that selects them, where the name is not the parameter's. */
const resources: Readonly<Record<string, string>> = {
  attributes: 'OBJECT_ATTRIBUTES',
  policy: 'BUCKETPOLICY',
  policyStatus: 'POLICY_STATUS',
  logging: 'LOGGING_STATUS',
  ownershipControls: 'OWNERSHIP_CONTROLS',
  publicAccessBlock: 'PUBLIC_ACCESS_BLOCK',
  requestPayment: 'REQUEST_PAYMENT',
  'intelligent-tiering': 'INTELLIGENT_TIERING',
  'object-lock': 'OBJECT_LOCK_CONFIGURATION',
  'legal-hold': 'OBJECT_LOCK_LEGALHOLD',
  retention: 'OBJECT_LOCK_RETENTION',
  abac: 'BUCKET_ABAC',
}

/** Parameters that name a resource as they are. */
const plain = new Set(
  (
    'accelerate acl analytics cors encryption inventory lifecycle location metrics notification replication restore select ' +
    'tagging torrent versioning website'
  ).split(' '),
)

/**
 * @param operation AWS's name of it; `-` where none was found
 * @param key empty for the bucket itself
 */
export function operationName(
  operation: string,
  { method, key, parameters }: { method: string; key: string; parameters: Iterable<string> },
): string {
  if (method === 'OPTIONS') return 'REST.OPTIONS.PREFLIGHT'
  const known = names[operation] ?? (operation.includes('.') ? operation : undefined)
  if (known !== undefined) return known
  for (const parameter of parameters) {
    const resource = resources[parameter] ?? (plain.has(parameter) ? parameter.toUpperCase() : undefined)
    if (resource === undefined) continue
    return `REST.${method}.${resource === 'TAGGING' && key !== '' ? 'OBJECT_TAGGING' : resource}`
  }
  return `REST.${method}.${key === '' ? 'BUCKET' : 'OBJECT'}`
}
