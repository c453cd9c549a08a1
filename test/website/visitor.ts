import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import {
  CreateBucketCommand,
  PutBucketPolicyCommand,
  PutBucketWebsiteCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type WebsiteConfiguration,
} from '@aws-sdk/client-s3'
import type { Journey } from '../emulator.ts'

/** What a visitor of a website gets. */
export interface Page {
  status: number | undefined
  headers: Record<string, string | string[] | undefined>
  text: string
}

export interface Visiting {
  method?: string
  headers?: Record<string, string>
  port?: number
}

/** Asks as a browser would that knows the host: names under localhost lead to this machine. */
export function visit(
  journey: Journey,
  host: string,
  path: string,
  { method = 'GET', headers = {}, port = journey.port }: Visiting = {},
): Promise<Page> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers: { host: `${host}:${port}`, ...headers } }
    const asked = request(options, (answer) => {
      text(answer).then(
        (content) => resolve({ status: answer.statusCode, headers: answer.headers, text: content }),
        reject,
      )
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Makes a bucket whose objects everybody may read, and which is a website. */
export async function openWebsite(
  journey: Pick<Journey, 's3'>,
  Bucket: string,
  WebsiteConfiguration: WebsiteConfiguration,
  actions: string[] = ['s3:GetObject'],
): Promise<void> {
  await journey.s3.send(new CreateBucketCommand({ Bucket }))
  const Resource = [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`]
  const Statement = actions.map((Action) => ({
    Effect: 'Allow',
    Principal: '*',
    Action,
    Resource: Resource[Action === 's3:ListBucket' ? 0 : 1],
  }))
  await journey.s3.send(
    new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
  )
  await configure(journey, Bucket, WebsiteConfiguration)
}

export async function configure(
  journey: Pick<Journey, 's3'>,
  Bucket: string,
  WebsiteConfiguration: WebsiteConfiguration,
) {
  await journey.s3.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration }))
}

export async function upload(
  journey: Pick<Journey, 's3'>,
  Bucket: string,
  Key: string,
  Body: string,
  more: Partial<PutObjectCommandInput> = {},
): Promise<void> {
  await journey.s3.send(
    new PutObjectCommand({ Bucket, Key, Body: Buffer.from(Body), ContentType: 'text/html', ...more }),
  )
}
