import { createHash, randomBytes } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'

/** A customer's key in the SDK's parameter names, for the object itself and as a copy's source. */
export interface CustomerKeyParameters {
  own: { SSECustomerAlgorithm: string; SSECustomerKey: string; SSECustomerKeyMD5: string }
  source: {
    CopySourceSSECustomerAlgorithm: string
    CopySourceSSECustomerKey: string
    CopySourceSSECustomerKeyMD5: string
  }
  headers: Record<string, string>
}

export function customerKey(key: Uint8Array = randomBytes(32)): CustomerKeyParameters {
  const text = Buffer.from(key).toString('base64')
  const md5 = createHash('md5').update(key).digest('base64')
  return {
    own: { SSECustomerAlgorithm: 'AES256', SSECustomerKey: text, SSECustomerKeyMD5: md5 },
    source: {
      CopySourceSSECustomerAlgorithm: 'AES256',
      CopySourceSSECustomerKey: text,
      CopySourceSSECustomerKeyMD5: md5,
    },
    headers: {
      'x-amz-server-side-encryption-customer-algorithm': 'AES256',
      'x-amz-server-side-encryption-customer-key': text,
      'x-amz-server-side-encryption-customer-key-md5': md5,
    },
  }
}

/** The value of x-amz-server-side-encryption-context. */
export function contextHeader(context: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(context)).toString('base64')
}

/** The SDK has no parameter for what must not be sent: this adds the header to every request, before it is signed. */
export function sendingHeader(client: S3Client, name: string, value: string): S3Client {
  client.middlewareStack.add(
    (next) => (input) => {
      const { headers } = input.request as { headers: Record<string, string> }
      headers[name] = value
      return next(input)
    },
    { step: 'build' },
  )
  return client
}
