import { expect, test } from '@jest/globals'
import { AwsError } from '../../aws/errors.ts'
import { errorAnswer, errorHeaders } from './error-page.ts'

const ids = { requestId: 'REQUEST', hostId: 'host/id=' }
const missing = new AwsError('NoSuchKey', 'The key <a> & "b" is missing', 404, { Key: '<k>&"', Nothing: undefined })

test('A page is the one of S3, byte for byte', () => {
  expect(errorAnswer(missing, ids, 'GET').body).toBe(
    '<html>\n<head><title>404 Not Found</title></head>\n<body>\n<h1>404 Not Found</h1>\n<ul>\n<li>Code: NoSuchKey</li>\n' +
      '<li>Message: The key &lt;a&gt; &amp; &quot;b&quot; is missing</li>\n<li>Key: &lt;k&gt;&amp;&quot;</li>\n' +
      '<li>RequestId: REQUEST</li>\n<li>HostId: host/id=</li>\n</ul>\n<hr/>\n</body>\n</html>\n',
  )
})

test('Why the error document is not shown stands before the line', () => {
  const denied = new AwsError('AccessDenied', 'Access Denied', 403)
  const { body } = errorAnswer(missing, ids, 'GET', denied)
  expect(body).toContain(
    '</ul>\n<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n<li>Code: AccessDenied</li>\n' +
      '<li>Message: Access Denied</li>\n</ul>\n<hr/>\n',
  )
})

test('A HEAD has the headers alone, with those of the error', () => {
  const error = new AwsError('X', 'é', 405, { Key: 'å\r\nset-cookie: a' }, { allow: 'GET' })
  const { status, headers, body } = errorAnswer(error, ids, 'HEAD')
  expect([status, body]).toEqual([405, undefined])
  expect(headers).toEqual({
    'content-type': 'text/html; charset=utf-8',
    'x-amz-error-code': 'X',
    'x-amz-error-message': '%C3%A9',
    'x-amz-error-detail-Key': '%C3%A5%0D%0Aset-cookie: a',
    allow: 'GET',
  })
  expect(Object.keys(errorHeaders(missing))).not.toContain('x-amz-error-detail-Nothing')
})
