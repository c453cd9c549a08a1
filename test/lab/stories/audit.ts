import { PutBucketAclCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from '@jest/globals'
import type { Journey } from '../../emulator.ts'
import { commandLine } from '../../process.ts'
import type { Story } from '../lab.ts'

const Bucket = 'audited'

export const auditStories: Story[] = [
  {
    name: 'What lies in clear, under the managed key and open to everybody is found',
    async tell({ lab, journey }) {
      await fill(journey)
      const audit = await lab.audit()
      expect(audit.counts).toEqual({ unencrypted: 1, 'managed-key': 1, public: 1 })
      expect(audit.findings.map(({ kind, where }) => `${kind} ${where}`)).toEqual([
        `unencrypted s3://${Bucket}/clear`,
        `managed-key s3://${Bucket}/managed`,
        'public s3://open',
      ])
      expect(audit).toEqual({ ...(await journey.emulator.audit()), time: expect.any(String) })
      const early = await lab.audit({ by: 'month', since: 0, until: 1 })
      expect(early).toMatchObject({ calls: [], counts: { public: 1 } })
    },
  },
  {
    name: 'It is a table unless another format is asked for, and fails where it is told to',
    through: ['the command line'],
    async tell({ journey }) {
      await fill(journey)
      const audit = (...words: string[]) => commandLine(['audit', ...words, '--endpoint', journey.endpoint])
      const [bare, table, markdown, sarif, failed, passed, misspelt] = await Promise.all([
        audit(),
        audit('--format', 'table'),
        audit('--format', 'markdown'),
        audit('--format', 'sarif'),
        audit('--fail-on', 'broad-policy,public'),
        audit('--fail-on', 'broad-policy'),
        audit('--fail-on', 'publik'),
      ])
      expect(table).toMatchObject({ code: 0, stdout: bare.stdout, stderr: '' })
      expect(table.stdout).toMatch(/^SCHEME +KEY +VERSIONS +UPLOADS +BYTES\n/)
      expect(table.stdout).toMatch(/\nfound: 1 unencrypted, 1 managed-key, 1 public\n$/)
      expect(markdown.stdout).toContain('- **error** public: s3://open is open to everybody')
      expect(JSON.parse(sarif.stdout).runs[0].results).toHaveLength(3)
      expect([failed.code, failed.stdout, passed.code]).toEqual([1, bare.stdout, 0])
      expect(misspelt).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^s3kms-emu: --fail-on takes .*, not 'publik'\n$/),
      })
    },
  },
]

async function fill({ s3, ...journey }: Journey): Promise<void> {
  await journey.createBucket(Bucket)
  await journey.createBucket('open')
  const put = (Key: string, sealed = {}) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'body', ...sealed }))
  await put('clear')
  await put('managed', { ServerSideEncryption: 'aws:kms' })
  await s3.send(new PutBucketAclCommand({ Bucket: 'open', ACL: 'public-read' }))
}
