import { copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateKeyCommand, DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, test } from '@jest/globals'
import { makeDataFolder } from './data-folder.ts'
import { afterwards, fill, folder, isEmpty, kmsOf, s3Of, start } from './kept-states.ts'

/*
 * A state as one file: into another emulator, under passphrases and root keys, and damaged.
 */

const oneKey = Buffer.alloc(32, 1).toString('base64')
const otherKey = Buffer.alloc(32, 2).toString('base64')

test.each([
  [{ rootKey: oneKey }, { rootKey: oneKey }, undefined],
  [{}, {}, undefined],
  [
    { rootKey: oneKey },
    { rootKey: otherKey },
    'It is sealed under another root key: start an emulator with the same one for it',
  ],
  [
    { rootKey: oneKey },
    {},
    'It is sealed under a root key that was given: start an emulator with the same --root-key-file or S3KMS_ROOT_KEY for it',
  ],
  [
    {},
    { rootKey: oneKey },
    'It brings a root key of its own: start an emulator without --root-key-file and S3KMS_ROOT_KEY for it',
  ],
])('An export of %j is imported with %j, or told what it needs', async (from, to, refusal) => {
  const file = join(await folder(), 'file')
  const emulator = await start({ dataDir: await folder(), ...from })
  const kms = kmsOf(emulator)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const KeyId = KeyMetadata?.KeyId
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret') }))
  await emulator.export(file)
  const dataDir = await folder()
  let other = await start({ dataDir, ...to })
  await fill(other)
  const outcome = await other.import(file).catch(({ message }) => message)
  expect(outcome).toBe(refusal && `${refusal}. Nothing has changed`)
  await other.stop()
  other = await start({ dataDir, ...to })
  const opened = await kmsOf(other)
    .send(new DecryptCommand({ CiphertextBlob, KeyId }))
    .then(
      ({ Plaintext = [] }) => Buffer.from(Plaintext).toString(),
      ({ name }) => name,
    )
  expect(opened).toBe(refusal === undefined ? 'secret' : 'NotFoundException')
  expect(await isEmpty(other)).toBe(refusal === undefined)
})

test('Two exports under one passphrase have salts of their own, and two folders ids of their own, also where chance follows from a seed', async () => {
  const place = await folder()
  const salts: string[] = []
  for (const name of ['one', 'two']) {
    const emulator = await start({ dataDir: join(place, name), seed: 'the same' })
    await fill(emulator)
    await emulator.export(join(place, `${name}.state`), { passphrase: 'words' })
    await emulator.snapshots.save('base')
    const head = (await readFile(join(place, `${name}.state`))).toString('latin1', 0, 400)
    salts.push(/"salt":"([^"]+)"/.exec(head)?.[1] ?? '')
    await emulator.stop()
  }
  expect(new Set(salts).size).toBe(2)
  await copyFile(join(place, 'one', 'snapshots', 'base'), join(place, 'two', 'snapshots', 'base'))
  const second = await start({ dataDir: join(place, 'two'), seed: 'the same' })
  await expect(second.snapshots.load('base')).rejects.toThrow('It belongs to another data folder')
})

test('An export that is cut or changed changes nothing, and leaves nothing behind', async () => {
  const emulator = await start({ dataDir: await folder() })
  await fill(emulator)
  const file = join(await folder(), 'file')
  await emulator.export(file)
  expect((await stat(file)).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600)
  const bytes = await readFile(file)
  const dataDir = await folder()
  const other = await start({ dataDir })
  for (const length of [10, 100, 500_000, bytes.length - 40, bytes.length - 1]) {
    await writeFile(file, bytes.subarray(0, length))
    await expect(other.import(file)).rejects.toMatchObject({ kind: 'wrong' })
  }
  bytes.writeUInt8(bytes.readUInt8(400_000) ^ 1, 400_000)
  await writeFile(file, bytes)
  await expect(other.import(file)).rejects.toMatchObject({ kind: 'wrong' })
  expect(await isEmpty(other)).toBe(true)
  expect(await readdir(join(dataDir, 'snapshots')).catch(() => [])).toEqual([])
  await expect(other.import(join(dataDir, 'not there'))).rejects.toThrow('not there cannot be read (ENOENT)')
  await expect(other.import(dataDir)).rejects.toThrow(`${dataDir} cannot be read (EISDIR)`)
  await expect(other.export(join(dataDir, 'not there', 'file'))).rejects.toThrow('file cannot be written (ENOENT)')
  await expect(other.export(dataDir)).rejects.toThrow(`${dataDir} cannot be written (E`)
})

test('What S3 sealed under keys of its own is opened by an emulator of another account, too', async () => {
  const file = join(await folder(), 'file')
  const emulator = await start({ dataDir: await folder() })
  const s3 = s3Of(emulator)
  const customer = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: oneKey }
  const schemes = {
    s3: { ServerSideEncryption: 'AES256' as const },
    dsse: { ServerSideEncryption: 'aws:kms:dsse' as const },
  }
  await s3.send(new CreateBucketCommand({ Bucket: 'sealed' }))
  for (const [Key, scheme] of Object.entries({ ...schemes, customer })) {
    await s3.send(new PutObjectCommand({ Bucket: 'sealed', Key, Body: Key, ...scheme }))
  }
  await emulator.export(file)
  const other = await start({ ephemeral: true, accountId: '111122223333' })
  await other.import(file)
  const owner = s3Of({ ...other, credentials: { accessKeyId: '000000000000', secretAccessKey: 'test' } })
  for (const [Key, asked] of Object.entries({ s3: {}, dsse: {}, customer })) {
    const { Body } = await owner.send(new GetObjectCommand({ Bucket: 'sealed', Key, ...asked }))
    expect(await Body?.transformToString()).toBe(Key)
  }
  expect((await other.verify()).faults).toEqual([])
})

test('An export of a store that was damaged is refused with the record that nobody could read, and changes nothing', async () => {
  const place = await makeDataFolder()
  afterwards(() => place.remove())
  const damagedStore = await start({ dataDir: place.path })
  await fill(damagedStore)
  await damagedStore.stop()
  await place.tamper((store) => store.putRecord('bucket', 'small', { ...store.record('bucket', 'small'), size: -1 }))
  const file = join(await folder(), 'file')
  await (await start({ dataDir: place.path })).export(file)
  const other = await start({ ephemeral: true })
  await expect(other.import(file)).rejects.toThrow(/has a record that this version cannot read: "object bucket small/)
  expect(await isEmpty(other)).toBe(true)
})
