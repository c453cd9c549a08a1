import { PolicyCache } from '../access/policy-cache.ts'
import type { Log } from '../log.ts'
import { createQueryEndpoint } from '../protocol/aws-query.ts'
import type { Endpoint } from '../protocol/http.ts'
import type { StsServices } from './operation.ts'
import { hasOperation, invoke } from './service.ts'

export interface StsOptions extends Omit<StsServices, 'policies'> {
  /** Where no credential scope tells the Region. */
  region: string
  log: Log
}

/** STS over HTTP: the query protocol of 2011-06-15. */
export function createStsEndpoint({ log, region, ...parts }: StsOptions): Endpoint {
  const services = { ...parts, policies: new PolicyCache() }
  return createQueryEndpoint({
    service: 'sts',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    version: '2011-06-15',
    credentials: services.principals,
    ambient: services.ambient,
    region,
    log,
    hasOperation,
    invoke: (action, call) => invoke(services, action, call),
  })
}
