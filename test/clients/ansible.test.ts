import { fileURLToPath } from 'node:url'
import { DescribeKeyCommand } from '@aws-sdk/client-kms'
import { ListBucketsCommand } from '@aws-sdk/client-s3'
import { expect, test } from '@jest/globals'
import { describeWhere, startWorkplace } from './programs.ts'

/** Ansible: a playbook that makes a key, a bucket, a lifecycle and an object, finds nothing to change, and takes all away. */

const playbook = fileURLToPath(new URL('ansible/playbook.yml', import.meta.url))

describeWhere('ansible-playbook', (ansible) => {
  test('makes what is told, once, and takes it away', async () => {
    const place = await startWorkplace({ bucketDefaults: 'current' })
    try {
      const played = await place.output(ansible, [playbook], {
        ANSIBLE_NOCOLOR: '1',
        ANSIBLE_LOCALHOST_WARNING: 'False',
      })
      expect(played).toMatch(/unreachable=0 +failed=0/)
      const { kms, s3, records } = place.journey
      expect((await s3.send(new ListBucketsCommand({}))).Buckets).toEqual([])
      // The alias goes with its key, when the days of waiting are over.
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/ansible' }))
      expect(KeyMetadata?.KeyState).toBe('PendingDeletion')
      const made = (await records()).filter(
        ({ eventName }) => eventName === 'CreateKey' || eventName === 'CreateBucket',
      )
      expect(made).toHaveLength(2)
    } finally {
      await place.stop()
    }
  })
})
