import type { Log } from '../log.ts'
import type { CredentialSource } from '../protocol/authentication.ts'
import { createJsonEndpoint, invokeInProcess, type JsonCall, type JsonService } from '../protocol/aws-json.ts'
import type { Endpoint } from '../protocol/http.ts'
import type { CallContext } from './call-context.ts'
import { createKmsClient, type KmsClient } from './client.ts'
import { kmsErrors } from './errors.ts'
import { KmsService, type KmsServiceOptions } from './service.ts'

export interface KmsOptions extends KmsServiceOptions {
  credentials: CredentialSource
  accountId: string
  /** Used where no credential scope names the Region. */
  region: string
  log: Log
}

export interface Kms {
  /** KMS over HTTP, AWS JSON 1.1. */
  endpoint: Endpoint
  /** KMS for the other services in process. */
  client: KmsClient
  /** The service itself: for fixtures. */
  service: KmsService
}

/** Composes KMS: the service, its endpoint, and the client of that endpoint. */
export function createKms(options: KmsOptions): Kms {
  const { ambient, credentials, region, log } = options
  const service = new KmsService(options)
  const json: JsonService = {
    targetPrefix: 'TrentService',
    service: 'kms',
    credentials,
    ambient,
    region,
    log,
    internalFailure: kmsErrors.KMSInternalException(),
    hasOperation: (name) => service.hasOperation(name),
    invoke: (operation, input, call) => service.invoke(operation, input, contextOf(call)),
  }
  const client = createKmsClient((operation, input, session) => invokeInProcess(json, operation, input, session))
  return { endpoint: createJsonEndpoint(json), client, service }
}

function contextOf({ http, authentication, requestId }: JsonCall): CallContext {
  return {
    caller: authentication.caller,
    region: authentication.region,
    via: http.session?.service,
    requestId,
    causeId: http.session?.requestId,
    clientAddress: http.clientAddress,
    userAgent: http.headers['user-agent'] ?? '',
    hostHeader: http.headers.host,
    secure: http.secure,
  }
}
