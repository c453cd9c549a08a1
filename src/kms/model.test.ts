import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { type Description, type Members, type Shape, shapeOf } from '../protocol/shapes.ts'
import { kmsOperations, supportedOperations } from './operations/index.ts'

/** AWS's model of the API (kms-2014-11-01), its inputs in one line a member: `KeyId*` is required. */
const model: { operations: string[]; inputs: Record<string, Record<string, string>> } = JSON.parse(
  readFileSync(new URL('./model.fixture.json', import.meta.url), 'utf8'),
)
/** Key specs and algorithms that AWS added after that model. */
const laterValues = [
  'ECC_NIST_EDWARDS25519',
  'ED25519_PH_SHA_512',
  'ED25519_SHA_512',
  'ML_DSA_44',
  'ML_DSA_65',
  'ML_DSA_87',
  'ML_DSA_SHAKE_256',
]
/** Members that AWS added after that model. */
const laterMembers: Record<string, string[]> = {
  Decrypt: ['DryRunModifiers'],
  DeleteImportedKeyMaterial: ['KeyMaterialId'],
  ImportKeyMaterial: ['ImportType', 'KeyMaterialDescription', 'KeyMaterialId'],
  ListKeyRotations: ['IncludeKeyMaterial'],
  ReEncrypt: ['DryRunModifiers'],
}

test.each(
  supportedOperations.filter((operation) => inModel(operation.name)).map(({ name, input }) => [name, input] as const),
)("the input of %s is what AWS's model says", (name, input) => {
  const members = Object.entries(membersOf(input.description.members ?? {}))
  const known = members.filter(([member]) => !laterMembers[name]?.includes(member))
  expect(Object.fromEntries(known)).toEqual(model.inputs[name])
})

test("every operation of AWS's model is known by name", () => {
  expect(model.operations.filter((name) => !kmsOperations.has(name))).toEqual([])
})

function inModel(name: string): boolean {
  return model.operations.includes(name)
}

function membersOf(members: Members): Record<string, string> {
  const lines = Object.entries(members).map(([name, member]) => {
    return ['required' in member ? `${name}*` : name, describe(shapeOf(member))] as const
  })
  return Object.fromEntries(lines.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function describe({ description }: Shape<unknown>): string {
  const { type, pattern, sensitive, values, item, members } = description
  const parts = [type + limits(description), pattern, sensitive && 'sensitive']
  if (values)
    parts.push(
      `{${values
        .filter((value) => !laterValues.includes(value))
        .sort()
        .join(',')}}`,
    )
  if (item) parts.push(`of ${describe(item)}`)
  if (members) parts.push(JSON.stringify(membersOf(members)))
  return parts.filter(Boolean).join(' ')
}

function limits({ min, max }: Description): string {
  return min === undefined && max === undefined ? '' : ` ${min || ''}..${max ?? ''}`
}
