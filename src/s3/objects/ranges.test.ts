import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseCopyRange, parseRange, sliceBodies } from './ranges.ts'

test.each([
  ['bytes=0-8', { first: 0, last: 8 }],
  ['bytes=1-', { first: 1, last: 9 }],
  ['bytes=-2', { first: 8, last: 9 }],
  ['bytes=-15', { first: 0, last: 9 }],
  ['bytes=0-100', { first: 0, last: 9 }],
])('the range %s of ten bytes is clipped to the object', (header, range) => {
  expect(parseRange(header, 10)).toEqual(range)
})

test.each(['bytes=1-0', 'bytes=-1-', 'bytes=0--1', 'bytes=-', '0-8', 'bytes=0-1,3-4', undefined])(
  'the range %s means the whole object',
  (header) => {
    expect(parseRange(header, 10)).toBeUndefined()
  },
)

test.each([
  ['bytes=100-200', 10],
  ['bytes=-0', 10],
  ['bytes=0-', 0],
])('the range %s of %i bytes is refused with InvalidRange', (header, size) => {
  expect(() => parseRange(header, size)).toThrow(expect.objectContaining({ code: 'InvalidRange', status: 416 }))
})

test('a copy range must name both ends inside the source', () => {
  expect(parseCopyRange('bytes=2-5', 10)).toEqual({ first: 2, last: 5 })
  const malformed = expect.objectContaining({ code: 'InvalidArgument' })
  for (const header of ['0-8', 'bytes=1-', 'bytes=-3', 'bytes=5-2', 'bytes=0-10']) {
    expect(() => parseCopyRange(header, 10)).toThrow(malformed)
  }
  expect(() => parseCopyRange('bytes=10-12', 10)).toThrow(expect.objectContaining({ code: 'InvalidRequest' }))
})

test('the slices of bodies hold exactly the bytes of the range', () => {
  const property = fc.property(fc.array(fc.nat(6), { minLength: 1 }), fc.nat(60), fc.nat(60), (sizes, a, b) => {
    const total = sizes.reduce((sum, size) => sum + size, 0)
    fc.pre(total > 0)
    const first = Math.min(a, b) % total
    const last = Math.min(total - 1, first + Math.abs(a - b))
    let next = 0
    const bodies = sizes.map((size) => ({ size, bytes: Array.from({ length: size }, () => next++) }))
    const read = sliceBodies(bodies, { first, last }).flatMap((slice) =>
      slice.body.bytes.slice(slice.first, slice.last + 1),
    )
    expect(read).toEqual(Array.from({ length: last - first + 1 }, (_, index) => first + index))
  })
  fc.assert(property)
})

test('an empty object gives its one body with an empty range', () => {
  expect(sliceBodies([{ size: 0 }], { first: 0, last: -1 })).toEqual([{ body: { size: 0 }, first: 0, last: -1 }])
})
