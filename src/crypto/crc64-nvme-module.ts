/*
 * The inner loop of CRC-64/NVME as WebAssembly, which has the 64-bit integers that JavaScript lacks: two and a half times as
 * fast as two halves of 32 bits. One exported function over one exported memory:
 *
 *   memory   0 … 32767     16 tables of 256 words of 64 bits: what a byte does to the crc when k more bytes follow it
 *            32768         the crc, in and out
 *            65536 …       the bytes
 *   run(length)            sixteen bytes at a time ("slicing by 16", Kounavis and Berry), the rest one by one
 */

export const slices = 16
export const layout = { crc: 32_768, bytes: 65_536, pages: 3 } as const
/** Bytes that one call takes. */
export const capacity = layout.pages * 65_536 - layout.bytes

/** Opcodes: WebAssembly core specification 1.0, §5.4 (https://www.w3.org/TR/wasm-core-1/#instructions%E2%91%A6). */
const op = {
  block: 0x02,
  loop: 0x03,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  localGet: 0x20,
  localSet: 0x21,
  i64Load: 0x29,
  i64Load8: 0x31,
  i64Store: 0x37,
  i32Const: 0x41,
  i64Const: 0x42,
  i32GtU: 0x4b,
  i32Add: 0x6a,
  i32And: 0x71,
  i64Xor: 0x85,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  i32WrapI64: 0xa7,
} as const
const type = { i32: 0x7f, i64: 0x7e, function: 0x60, none: 0x40 } as const

/** The function's parameter, then its locals. */
const [length, crc, next, at, end] = [0, 1, 2, 3, 4]

/** The module's bytes. */
export function moduleBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, type.function, 1, type.i32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, layout.pages]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('run'), 0, 0]),
    ...section(10, [1, ...sized([2, 2, type.i64, 2, type.i32, ...body(), op.end])]),
  ])
}

function body(): number[] {
  return [
    ...[op.i32Const, ...signed(layout.bytes), op.localSet, at],
    ...[op.localGet, at, op.localGet, length, op.i32Add, op.localSet, end],
    ...[op.i32Const, 0, op.i64Load, 3, ...unsigned(layout.crc), op.localSet, crc],
    ...repeatWhile(slices, sixteenBytes()),
    ...repeatWhile(1, oneByte()),
    ...[op.i32Const, 0, op.localGet, crc, op.i64Store, 3, ...unsigned(layout.crc)],
  ]
}

/** While `step` more bytes are there: the instructions, and on by `step`. */
function repeatWhile(step: number, instructions: number[]): number[] {
  const isOver = [op.localGet, at, op.i32Const, ...signed(step), op.i32Add, op.localGet, end, op.i32GtU]
  const goOn = [op.localGet, at, op.i32Const, ...signed(step), op.i32Add, op.localSet, at]
  const loop = [op.loop, type.none, ...isOver, op.brIf, 1, ...instructions, ...goOn, op.br, 0, op.end]
  return [op.block, type.none, ...loop, op.end]
}

/** The second word first: its lookups need no result, and are under way while the first word's wait for the crc. */
function sixteenBytes(): number[] {
  const words = [
    ...[op.localGet, at, op.i64Load, 0, 8, op.localSet, next],
    ...[op.localGet, at, op.i64Load, 0, 0, op.localGet, crc, op.i64Xor, op.localSet, crc],
  ]
  const lookUpEach = (word: number, table: number) =>
    xorOf(Array.from({ length: 8 }, (_, index) => lookUp(table - index, word, index * 8)))
  return [...words, ...lookUpEach(next, slices / 2 - 1), ...lookUpEach(crc, slices - 1), op.i64Xor, op.localSet, crc]
}

/** As a tree: a chain would wait for each of its steps. */
function xorOf(terms: number[][]): number[] {
  const [only] = terms
  if (only && terms.length === 1) return only
  const half = terms.length >> 1
  return [...xorOf(terms.slice(0, half)), ...xorOf(terms.slice(half)), op.i64Xor]
}

function oneByte(): number[] {
  const xored = [op.localGet, crc, op.localGet, at, op.i64Load8, 0, 0, op.i64Xor, op.localSet, next]
  const shifted = [op.localGet, crc, op.i64Const, 8, op.i64ShrU]
  return [...xored, ...shifted, ...lookUp(0, next, 0), op.i64Xor, op.localSet, crc]
}

/** The entry of a table for one byte of a word: eight times the byte is where it lies. */
function lookUp(table: number, word: number, shift: number): number[] {
  const turned = shift === 0 ? [op.i64Const, 3, op.i64Shl] : [op.i64Const, ...signed(shift - 3), op.i64ShrU]
  const offset = [op.localGet, word, ...turned, op.i32WrapI64, op.i32Const, ...signed(8 * 255), op.i32And]
  return [...offset, op.i64Load, 3, ...unsigned(table * 2048)]
}

function section(id: number, content: number[]): number[] {
  return [id, ...sized(content)]
}

function sized(content: number[]): number[] {
  return [...unsigned(content.length), ...content]
}

function name(text: string): number[] {
  return sized([...Buffer.from(text)])
}

/** LEB128 */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)]
}

/** LEB128 of a number that is not negative: the highest bit of the last byte is its sign. */
function signed(value: number): number[] {
  return value < 64 ? [value] : [(value & 127) | 128, ...signed(value >>> 7)]
}
