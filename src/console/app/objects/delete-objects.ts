import type { ObjectPage, VersionRow } from '../../answers.ts'
import { callS3, Refused, read } from '../api.ts'

interface Target {
  Key: string
  VersionId?: string
}

/**
 * Deletes objects or versions, 1,000 at a time.
 * @param bypass whether versions under governance go too
 * @throws Refused with S3's words for the first that stays
 */
export async function deleteMany(bucket: string, targets: readonly Target[], bypass = false): Promise<void> {
  for (let first = 0; first < targets.length; first += 1000) {
    const body = documentOf(targets.slice(first, first + 1000))
    const headers: Record<string, string> = bypass ? { 'x-amz-bypass-governance-retention': 'true' } : {}
    const response = await callS3({ method: 'POST', bucket, query: { delete: '' }, headers, body })
    const answer = new DOMParser().parseFromString(await response.text(), 'application/xml')
    const error = answer.querySelector('Error')
    if (!error) continue
    const of = (name: string) => error.querySelector(name)?.textContent ?? ''
    const requestId = response.headers.get('x-amz-request-id') ?? undefined
    throw new Refused(response.status, `${of('Key')}: ${of('Message')}`, of('Code'), requestId)
  }
}

interface Under {
  bucket: string
  prefix: string
  /** Whether all versions and delete markers go; else what is current gets a delete marker where the bucket keeps versions. */
  isForever: boolean
  /** Is told how many were deleted. */
  onDeleted?(count: number): void
}

/**
 * Deletes all that begins with a prefix, page by page.
 * @throws Refused
 */
export async function deleteUnder({ bucket, prefix, isForever, onDeleted }: Under): Promise<void> {
  for (;;) {
    const { rows } = await read<ObjectPage>('objects', { bucket, prefix, versions: isForever })
    const found = rows.filter((row): row is VersionRow => 'key' in row)
    if (found.length === 0) return
    await deleteMany(
      bucket,
      found.map(({ key, versionId }) => (isForever ? { Key: key, VersionId: versionId } : { Key: key })),
    )
    onDeleted?.(found.length)
  }
}

function documentOf(targets: readonly Target[]): string {
  const document = new DOMParser().parseFromString('<Delete><Quiet>true</Quiet></Delete>', 'application/xml')
  const add = (parent: Element, name: string, text = '') => {
    const element = document.createElement(name)
    element.textContent = text
    parent.append(element)
    return element
  }
  for (const { Key, VersionId } of targets) {
    const object = add(document.documentElement, 'Object')
    add(object, 'Key', Key)
    if (VersionId !== undefined) add(object, 'VersionId', VersionId)
  }
  return new XMLSerializer().serializeToString(document)
}
