import type { TrailRecord } from '../../trail/event.ts'

/** What a data event is about, as selectors name it. */
export function dataTypeOf({ eventCategory }: TrailRecord): string | undefined {
  return eventCategory === 'Data' ? 'AWS::S3::Object' : undefined
}

/** The ARN of the object; of an operation on all objects of a bucket, what their ARNs begin with. */
export function dataArnOf({ eventCategory, resources = [] }: TrailRecord): string | undefined {
  if (eventCategory !== 'Data') return undefined
  const object = resources.find(({ type }) => type === 'AWS::S3::Object')
  if (object) return object.ARN
  const bucket = resources.find(({ type }) => type === 'AWS::S3::Bucket')
  return bucket && `${bucket.ARN}/`
}
