import type { S3Client } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import type { Headers, Reply } from './table.ts'

export interface Form {
  Bucket: string
  Key: string
  /** Fields that stand for a PUT's headers: each is in the form and in its policy. */
  fields: Headers
  body: string
}

/** Posts a file as a browser does, by a form that the SDK signs. */
export async function sendForm(s3: S3Client, { Bucket, Key, fields, body }: Form): Promise<Reply> {
  const Conditions = Object.entries(fields).map(([name, value]) => ({ [name]: value }))
  const form = await createPresignedPost(s3, { Bucket, Key, Fields: fields, Conditions })
  const data = new FormData()
  for (const [name, value] of Object.entries(form.fields)) data.append(name, value)
  data.append('file', new Blob([body]), 'file')
  const answer = await fetch(form.url, { method: 'POST', body: data })
  return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() }
}
