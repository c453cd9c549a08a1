import { callS3, Refused } from '../api.ts'

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
