import { cp, watch, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms'
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf } from '../emulator.ts'
import { describeWhere, startWorkplace, type Workplace } from './programs.ts'

/* Terraform's state in a bucket with versions, under a KMS key, and its lock file: two runs at once are one too many. */

const Bucket = 'states'
const state = { Bucket, Key: 'team/terraform.tfstate' }
const lock = { Bucket, Key: 'team/terraform.tfstate.tflock' }
const configuration = fileURLToPath(new URL('terraform-state', import.meta.url))
let place: Workplace
let keyArn: string

beforeAll(async () => {
  place = await startWorkplace()
  keyArn = await place.journey.createKey()
  await place.journey.createBucket(Bucket)
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await place.journey.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  await cp(configuration, place.folder, { recursive: true })
})
afterAll(() => place.stop())

describeWhere('terraform', (terraform) => {
  const environment = { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' }
  const command = (...parameters: string[]) =>
    place.output(terraform, [...parameters, '-no-color', '-input=false'], environment)
  const complaint = (...parameters: string[]) =>
    place.complaint(terraform, [...parameters, '-no-color', '-input=false'], environment)
  const apply = (value: string) => command('apply', '-auto-approve', `-var=value=${value}`)

  test('keeps its state in a bucket, each version under a KMS key', async () => {
    await command('init', `-backend-config=kms_key_id=${keyArn}`)
    await writeFile(join(place.folder, 'first'), '')
    expect(await apply('first')).toContain('Apply complete! Resources: 1 added')
    const head = await place.journey.s3.send(new HeadObjectCommand(state))
    expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn })
    expect((await failureOf(place.journey.s3.send(new HeadObjectCommand(lock)))).status).toBe(404)
    const { Body } = await place.journey.s3.send(new GetObjectCommand(state))
    expect(JSON.parse((await Body?.transformToString()) ?? '')).toMatchObject({
      serial: expect.any(Number),
      version: 4,
    })
  })

  test('is refused by the lock of a run that goes on, and may go on after it', async () => {
    const started = thereIs('started-second')
    const first = apply('second')
    await started
    expect(await place.journey.s3.send(new HeadObjectCommand(lock))).toMatchObject({ SSEKMSKeyId: keyArn })
    const refused = (await complaint('plan', '-var=value=third')).replaceAll(/\s+/g, ' ')
    expect(refused).toContain('Error acquiring the state lock')
    expect(refused).toContain('PreconditionFailed: At least one of the pre-conditions you specified did not hold')
    expect(refused).toContain('Path: states/team/terraform.tfstate Operation: OperationTypeApply')
    await writeFile(join(place.folder, 'second'), '')
    expect(await first).toContain('Apply complete! Resources: 1 added, 0 changed, 1 destroyed.')
    expect(await command('plan', '-var=value=second')).toContain('No changes.')
    const { Versions } = await place.journey.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'team/' }))
    expect(Versions?.filter(({ Key }) => Key === state.Key).length).toBeGreaterThan(1)
  })

  test('does without its state while the key is disabled', async () => {
    await place.journey.kms.send(new DisableKeyCommand({ KeyId: keyArn }))
    expect(await complaint('plan', '-var=value=second', '-lock=false')).toContain('KMS.DisabledException')
    await place.journey.kms.send(new EnableKeyCommand({ KeyId: keyArn }))
    expect(await command('plan', '-var=value=second')).toContain('No changes.')
  })
})

/** Once the folder has a file of this name. */
async function thereIs(name: string): Promise<void> {
  const stopped = new AbortController()
  for await (const { filename } of watch(place.folder, { signal: stopped.signal })) {
    if (filename === name) return stopped.abort()
  }
}
