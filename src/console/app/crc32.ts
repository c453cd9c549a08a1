/**
 * The CRC-32 of a text as S3 takes it: base64 of four bytes. S3 wants a checksum with many documents, and of the browser's own there is
 * none where the page came over plain HTTP from another machine.
 */
export function crc32(text: string): string {
  let crc = ~0
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return btoa(String.fromCharCode(...[24, 16, 8, 0].map((shift) => (~crc >>> shift) & 0xff)))
}
