/**
 * The key that seals secrets at rest (KMS key material, S3's own SSE roots). Given by the user, or made at first start and
 * kept in the store (which then protects against nothing but a careless look into the files; the README says so).
 */
export interface RootKey {
  /** Seals bytes under AAD `purpose`; base64. */
  seal(purpose: string, plaintext: Uint8Array): string
  /** @throws Error when the text was sealed for another purpose or changed */
  open(purpose: string, sealed: string): Buffer
}
