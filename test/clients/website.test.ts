import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Journey, startJourney } from '../emulator.ts'
import { visit } from '../website/visitor.ts'
import { awsEnvironment, findProgram, run } from './programs.ts'

/* A folder of pages made a website by the AWS CLI, as its documentation has it, and its rules for pages of other origins. */

const aws = findProgram('aws')
if (!aws) console.warn('skipped: no AWS CLI on the PATH')
const describeCli = aws ? describe : describe.skip

const Bucket = 'my-site'
let journey: Journey
let folder: string

async function cli(...parameters: string[]) {
  return run(aws ?? '', parameters, { cwd: folder, env: awsEnvironment(journey, folder) })
}

async function answer(...parameters: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await cli(...parameters, '--output', 'json')
  if (code !== 0) throw new Error(`aws ${parameters.join(' ')} ended with ${code}: ${stderr}`)
  return stdout.startsWith('{') ? JSON.parse(stdout) : stdout
}

const get = (path: string) => visit(journey, `${Bucket}.s3-website.localhost`, path)

describeCli('the AWS CLI', () => {
  beforeAll(async () => {
    journey = await startJourney()
    folder = await mkdtemp(join(tmpdir(), 's3kms-site-'))
    await mkdir(join(folder, 'pages/docs'), { recursive: true })
    await writeFile(join(folder, 'pages/index.html'), '<h1>Front</h1>')
    await writeFile(join(folder, 'pages/docs/index.html'), '<h1>Docs</h1>')
    await writeFile(join(folder, 'pages/404.html'), '<h1>Sorry</h1>')
    await answer('s3', 'mb', `s3://${Bucket}`)
  })

  afterAll(async () => {
    await journey.stop()
    await rm(folder, { recursive: true })
  })

  test('s3 website and s3 sync make a website of a folder', async () => {
    const documents = ['--index-document', 'index.html', '--error-document', '404.html']
    await answer('s3', 'website', `s3://${Bucket}`, ...documents)
    await answer('s3', 'sync', 'pages', `s3://${Bucket}`, '--acl', 'public-read')
    expect(await answer('s3api', 'get-bucket-website', '--bucket', Bucket)).toEqual({
      IndexDocument: { Suffix: 'index.html' },
      ErrorDocument: { Key: '404.html' },
    })
    const front = await get('/')
    expect([front.status, front.headers['content-type'], front.text]).toEqual([200, 'text/html', '<h1>Front</h1>'])
    expect((await get('/docs')).headers.location).toBe('/docs/')
    expect((await get('/docs/')).text).toBe('<h1>Docs</h1>')
    const missing = await get('/none')
    expect([missing.status, missing.text]).toEqual([403, '<h1>Sorry</h1>'])
  })

  test('s3api redirects by rules and by objects, and takes the website away', async () => {
    const rule = { Condition: { KeyPrefixEquals: 'blog/' }, Redirect: { ReplaceKeyPrefixWith: 'docs/' } }
    const website = JSON.stringify({ IndexDocument: { Suffix: 'index.html' }, RoutingRules: [rule] })
    await answer('s3api', 'put-bucket-website', '--bucket', Bucket, '--website-configuration', website)
    const moved = ['--key', 'old', '--website-redirect-location', '/docs/', '--acl', 'public-read']
    await answer('s3api', 'put-object', '--bucket', Bucket, ...moved)
    expect((await get('/old')).headers.location).toBe('/docs/')
    const here = `http://${Bucket}.s3-website.localhost:${journey.port}`
    expect((await get('/blog/?a=b')).headers.location).toBe(`${here}/docs/?a=b`)
    await answer('s3api', 'delete-bucket-website', '--bucket', Bucket)
    const { stderr } = await cli('s3api', 'get-bucket-website', '--bucket', Bucket)
    expect(stderr).toContain(
      '(NoSuchWebsiteConfiguration) when calling the GetBucketWebsite operation: The specified bucket does not have a website configuration',
    )
  })

  test('s3api sets, shows and deletes CORS rules', async () => {
    const rule = { AllowedOrigins: ['https://app.example'], AllowedMethods: ['PUT'], ExposeHeaders: ['ETag'] }
    const rules = { CORSRules: [{ ...rule, MaxAgeSeconds: 600 }] }
    await answer('s3api', 'put-bucket-cors', '--bucket', Bucket, '--cors-configuration', JSON.stringify(rules))
    expect(await answer('s3api', 'get-bucket-cors', '--bucket', Bucket)).toEqual(rules)
    await answer('s3api', 'delete-bucket-cors', '--bucket', Bucket)
    expect((await cli('s3api', 'get-bucket-cors', '--bucket', Bucket)).stderr).toContain('(NoSuchCORSConfiguration)')
  })
})
