// The worst configurations of a bucket that are allowed, or nearly, and a request to which each applies.

const tag = (index, value = 'v') => `<Tag><Key>k${index}</Key><Value>${value}</Value></Tag>`
const long = (length, index) => `${'a'.repeat(length)}${index}`

/**
 * @param parts what makes requests: `documented` with a checksum, `claimed` without, `xml` an element, `many` a list
 * @returns name → a request
 */
export function configurationRows({ documented, claimed, xml, many }) {
  const put = (subresource, root, content, bucket = 'cfg') =>
    documented('PUT', `/${bucket}?${subresource}`, xml(root, content))
  const filled = (text, bytes = 1_040_000) => text.repeat(Math.floor(bytes / text.length))
  const texts = (count, make) => many(count, make).join('')
  const rules = (count, inner) =>
    texts(count, (index) => `<Rule><ID>${index}</ID><Status>Enabled</Status>${inner(index)}</Rule>`)
  const expiry = '<Expiration><Days>9</Days></Expiration>'
  const tagsOf = (index) => texts(9, (number) => tag(`${index}-${number}`))
  const lifecycles = {
    'a thousand prefixes within each other': (index) =>
      `<Filter><Prefix>${long(index % 900, index)}</Prefix></Filter>${expiry}`,
    'a thousand filters of nine tags': (index) => `<Filter><And>${tagsOf(index)}</And></Filter>${expiry}`,
    'a thousand filters of one tag': (index) => `<Filter>${tag(index)}</Filter>${expiry}`,
    'a thousand rules of three transitions': (index) =>
      `<Filter><Prefix>p${index}/</Prefix></Filter>${['STANDARD_IA', 'GLACIER', 'DEEP_ARCHIVE']
        .map(
          (name, place) =>
            `<Transition><Days>${30 + 90 * place}</Days><StorageClass>${name}</StorageClass></Transition>`,
        )
        .join('')}`,
  }
  const lifecycleRows = Object.entries(lifecycles).flatMap(([name, inner]) => [
    [`a lifecycle: ${name}`, () => put('lifecycle', 'LifecycleConfiguration', rules(1000, inner))],
    [
      `a PUT under that lifecycle: ${name}`,
      () => claimed('s3', 'PUT', `/cfg/${'a'.repeat(900)}`, 'x', { 'x-amz-tagging': 'k1=v' }),
    ],
  ])
  const replicated = (index) =>
    `<Priority>${index}</Priority><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication><Filter><And><Prefix>p</Prefix>${texts(2, (number) => tag(`${index}-${number}`))}</And></Filter><Destination><Bucket>arn:aws:s3:::mirror</Bucket></Destination>`
  const role = '<Role>arn:aws:iam::000000000000:role/r</Role>'
  const origins = (count) =>
    texts(count, (index) => `<AllowedOrigin>http://${'a'.repeat(index)}*${index}</AllowedOrigin>`)
  const headers = texts(4, (index) => `<AllowedHeader>x-${'a'.repeat(index)}*</AllowedHeader>`)
  const cors = texts(100, () => `<CORSRule>${origins(6)}<AllowedMethod>PUT</AllowedMethod>${headers}</CORSRule>`)
  const asking = {
    origin: `http://${'a'.repeat(8000)}`,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': many(2000, (index) => `x-${index}`).join(','),
  }
  const route = (index) =>
    `<RoutingRule><Condition><KeyPrefixEquals>${long(900, index)}</KeyPrefixEquals></Condition><Redirect><ReplaceKeyPrefixWith>${long(900, index)}</ReplaceKeyPrefixWith></Redirect></RoutingRule>`
  const index = '<IndexDocument><Suffix>i</Suffix></IndexDocument>'
  const queue = (number, prefix) =>
    `<QueueConfiguration><Id>${number}</Id><Queue>arn:aws:sqs:us-east-1:000000000000:q</Queue><Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>${prefix}</Value></FilterRule></S3Key></Filter></QueueConfiguration>`
  const grant =
    '<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant>'
  return Object.fromEntries([
    ['tags of a bucket, 1 MiB of them', () => put('tagging', 'Tagging', xml('TagSet', filled('<Tag/>')))],
    [
      'tags of a bucket, 10,000 with names',
      () =>
        put(
          'tagging',
          'Tagging',
          xml(
            'TagSet',
            texts(10_000, (number) => tag(number)),
          ),
        ),
    ],
    [
      'tags of an object, 10,000 with names',
      () =>
        documented(
          'PUT',
          '/cfg/key?tagging',
          xml(
            'Tagging',
            xml(
              'TagSet',
              texts(10_000, (number) => tag(number)),
            ),
          ),
        ),
    ],
    [
      'a tagging header of 60 KB',
      () => claimed('s3', 'PUT', '/cfg/key', 'x', { 'x-amz-tagging': many(9000, (number) => `${number}=`).join('&') }),
    ],
    ['a lifecycle, 1 MiB of rules that are none', () => put('lifecycle', 'LifecycleConfiguration', filled('<Rule/>'))],
    ...lifecycleRows,
    [
      'replication, 1 MiB of rules that are none',
      () => put('replication', 'ReplicationConfiguration', role + filled('<Rule/>')),
    ],
    [
      'replication, a thousand rules with tags',
      () => put('replication', 'ReplicationConfiguration', role + rules(1000, replicated)),
    ],
    ['CORS, 1 MiB of rules that are none', () => put('cors', 'CORSConfiguration', filled('<CORSRule/>'))],
    ['CORS, 100 rules with six origins and four headers each', () => put('cors', 'CORSConfiguration', cors)],
    ['a preflight under those rules', () => ({ ...claimed('s3', 'OPTIONS', '/cfg/key', ''), headers: asking })],
    ['a request of a page under those rules', () => claimed('s3', 'GET', '/cfg/key', '', { origin: asking.origin })],
    [
      'a website, 1 MiB of rules that are none',
      () => put('website', 'WebsiteConfiguration', index + xml('RoutingRules', filled('<RoutingRule/>'))),
    ],
    [
      'a website, 50 rules with long prefixes',
      () => put('website', 'WebsiteConfiguration', index + xml('RoutingRules', texts(50, route))),
    ],
    [
      'notifications, 1 MiB of rules that are none',
      () => put('notification', 'NotificationConfiguration', filled('<QueueConfiguration/>')),
    ],
    [
      'notifications, 100 rules apart',
      () =>
        put(
          'notification',
          'NotificationConfiguration',
          texts(100, (number) => queue(number, `p${number}/`)),
        ),
    ],
    ['a PUT under those notifications', () => claimed('s3', 'PUT', `/cfg/p99/${'a'.repeat(900)}`, 'x')],
    [
      'notifications, 3,000 rules that overlap',
      () =>
        put(
          'notification',
          'NotificationConfiguration',
          texts(3000, (number) => queue(number, 'p')),
        ),
    ],
    [
      'notifications, 40,000 events of one rule',
      () =>
        put(
          'notification',
          'NotificationConfiguration',
          xml(
            'QueueConfiguration',
            `<Queue>arn:aws:sqs:us-east-1:000000000000:q</Queue>${filled('<Event>s3:ObjectCreated:*</Event>')}`,
          ),
        ),
    ],
    ['an ACL of 1 MiB of grants', () => put('acl', 'AccessControlPolicy', xml('AccessControlList', filled(grant)))],
    [
      'metrics, 1 MiB of tags',
      () => put('metrics&id=m', 'MetricsConfiguration', `<Id>m</Id><Filter><And>${filled(tag(1))}</And></Filter>`),
    ],
    [
      'an inventory, 1 MiB of fields',
      () =>
        put(
          'inventory&id=i',
          'InventoryConfiguration',
          `<Id>i</Id>${xml('OptionalFields', filled('<Field>Size</Field>'))}`,
        ),
    ],
  ])
}
