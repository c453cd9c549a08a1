import { PolicyCache } from '../access/policy-cache.ts'
import type { Log } from '../log.ts'
import { createQueryEndpoint } from '../protocol/aws-query.ts'
import type { Endpoint } from '../protocol/http.ts'
import type { IamServices } from './operation.ts'
import { hasOperation, invoke } from './service.ts'

export interface IamOptions extends Omit<IamServices, 'policies'> {
  log: Log
}

/** IAM over HTTP: the query protocol of 2010-05-08. */
export function createIamEndpoint({ log, ...parts }: IamOptions): Endpoint {
  const services = { ...parts, policies: new PolicyCache() }
  return createQueryEndpoint({
    service: 'iam',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    version: '2010-05-08',
    credentials: services.principals,
    ambient: services.ambient,
    region: 'us-east-1',
    log,
    hasOperation,
    invoke: (action, call) => invoke(services, action, call),
  })
}
