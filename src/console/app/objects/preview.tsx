import { useEffect, useState } from 'preact/hooks'
import type { ObjectDetails } from '../../answers.ts'
import { callS3 } from '../api.ts'
import { Notice } from '../parts/notice.tsx'
import { customerHeaders } from './customer-key.tsx'

const textAtMost = 256 << 10
const imageAtMost = 32 << 20
const images = /^image\/(png|jpeg|gif|webp|avif|svg\+xml)$/

type Shown = { text: string; isCut: boolean } | { image: string } | { page: string }

interface PreviewProps {
  details: ObjectDetails
  versionId: string | undefined
  /** Of SSE-C; else empty. */
  customerKey: string
}

/** The content as text, as an image, or in a frame where nothing runs. Reading it is a GetObject, and so a Decrypt where KMS seals. */
export function Preview({ details, versionId, customerKey }: PreviewProps) {
  const [shown, setShown] = useState<Shown>()
  const [error, setError] = useState<Error>()
  useEffect(() => {
    const ended = new AbortController()
    setError(undefined)
    let url: string | undefined
    readContent({ details, versionId, customerKey }, ended.signal).then(
      (content) => {
        if ('image' in content) url = content.image
        if ('page' in content) url = content.page
        setShown(content)
      },
      (thrown: Error) => ended.signal.aborted || setError(thrown),
    )
    return () => {
      ended.abort()
      if (url !== undefined) URL.revokeObjectURL(url)
    }
  }, [details, versionId, customerKey])
  if (error) return <Notice error={error} />
  if (!shown) return null
  if ('image' in shown) return <img class="preview" src={shown.image} alt={`Content of ${details.key}`} />
  if ('page' in shown) return <iframe title={`Content of ${details.key}`} sandbox="" src={shown.page} />
  return (
    <>
      <pre>{shown.text}</pre>
      {shown.isCut ? <p class="quiet">The first 256 KiB of it.</p> : null}
    </>
  )
}

async function readContent({ details, versionId, customerKey }: PreviewProps, signal: AbortSignal): Promise<Shown> {
  const { bucket, key, size, contentType = '' } = details
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  const isWhole = size <= (images.test(type) ? imageAtMost : textAtMost)
  const headers = customerHeaders(customerKey)
  if (!isWhole) headers.range = `bytes=0-${textAtMost - 1}`
  const response = await callS3({ bucket, key, query: { versionId }, headers, signal })
  if (isWhole && images.test(type)) return { image: URL.createObjectURL(new Blob([await response.blob()], { type })) }
  if (isWhole && type === 'text/html') {
    return { page: URL.createObjectURL(new Blob([await response.blob()], { type: 'text/html' })) }
  }
  return { text: new TextDecoder().decode(await response.arrayBuffer()), isCut: !isWhole }
}
