import type { EventRow } from '../../answers.ts'

const services: Record<string, string | undefined> = {
  s3: 'S3',
  kms: 'KMS',
  cloudtrail: 'CloudTrail',
  iam: 'IAM',
  sts: 'STS',
}

/** Who called, as people say it: `alice`, `S3 for alice`, or a service that did it by itself. */
export function callerOf({ caller, via }: Pick<EventRow, 'caller' | 'via'>): string {
  if (via === undefined) return caller
  const forwarder = /^fas\.(.+)\.amazonaws\.com$/.exec(via)?.[1]
  if (forwarder !== undefined) return `${nameOf(forwarder)} for ${caller}`
  return nameOf(via.replace(/\.amazonaws\.com$/, ''))
}

function nameOf(service: string): string {
  return services[service] ?? service
}
