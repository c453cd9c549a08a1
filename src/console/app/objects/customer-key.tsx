import { md5 } from '../md5.ts'

/**
 * The headers that bring a customer's key (SSE-C); none where there is no key.
 * @param key base64 of 32 bytes
 * @throws Error where it is no base64
 */
export function customerHeaders(key: string, prefix = 'x-amz-'): Record<string, string> {
  if (key === '') return {}
  const bytes = Uint8Array.from(atob(key), (character) => character.charCodeAt(0))
  const name = `${prefix}server-side-encryption-customer-`
  return { [`${name}algorithm`]: 'AES256', [`${name}key`]: key, [`${name}key-md5`]: base64(md5(bytes)) }
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

/** Takes a customer's key, or makes one. */
export function CustomerKey({ value, onChange }: { value: string; onChange(key: string): void }) {
  return (
    <div class="bar">
      <label class="field">
        Customer key, base64 of 32 bytes; nobody but you keeps it
        <input required size={46} value={value} onInput={(event) => onChange(event.currentTarget.value.trim())} />
      </label>
      <button type="button" onClick={() => onChange(base64(crypto.getRandomValues(new Uint8Array(32))))}>
        Make one
      </button>
    </div>
  )
}
