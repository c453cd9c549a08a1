import { Tag } from '../documents/tagging.ts'
import { flattened, required, string, structure } from '../documents/xml-shapes.ts'
import { checkFilter } from './configuration-filter.ts'
import { checkIdAsShape, identifiedConfiguration } from './identified-configuration.ts'

const Filter = structure({
  Prefix: string(),
  Tag,
  AccessPointArn: string(),
  And: structure({ Prefix: string(), Tags: flattened('Tag', Tag), AccessPointArn: string() }),
})

export const MetricsConfiguration = structure({ Id: required(string()), Filter })

/** Which objects CloudWatch counts requests of: kept and told, but there is no CloudWatch here. */
export const BucketMetrics = identifiedConfiguration({
  subresource: 'metrics',
  root: 'MetricsConfiguration',
  shape: MetricsConfiguration,
  get: { name: 'GetBucketMetricsConfiguration', action: 's3:GetMetricsConfiguration' },
  put: {
    name: 'PutBucketMetricsConfiguration',
    action: 's3:PutMetricsConfiguration',
    differs: 'nothing is published: there is no CloudWatch here',
  },
  delete: { name: 'DeleteBucketMetricsConfiguration', action: 's3:PutMetricsConfiguration' },
  list: {
    name: 'ListBucketMetricsConfigurations',
    action: 's3:GetMetricsConfiguration',
    root: 'ListMetricsConfigurationsResult',
  },
  checkId: checkIdAsShape,
  check(value) {
    checkFilter(value.Filter)
    return value
  },
})
