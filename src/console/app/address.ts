import { useEffect, useState } from 'preact/hooks'

/*
 * The address of a view, in the hash, so that every view can be linked to and the browser's buttons work:
 *
 *   #/objects/bucket/folder/key?versions=true        view ─▶ segments, each percent-encoded ─▶ parameters
 */

export interface Address {
  /** The view, then what it is of. */
  segments: string[]
  parameters: Record<string, string>
}

export function readAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const segments = path === '' ? [] : path.split('/').map(decoded)
  return { segments, parameters: Object.fromEntries(new URLSearchParams(query)) }
}

/** What was typed or shortened on the way, and is not encoded rightly, stands for itself. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function addressOf(segments: readonly string[], parameters: Record<string, string | undefined> = {}): string {
  const given = Object.entries(parameters).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '',
  )
  const query = new URLSearchParams(given).toString()
  return `#/${segments.map(encodeURIComponent).join('/')}${query === '' ? '' : `?${query}`}`
}

/** Goes to a view. */
export function go(segments: readonly string[], parameters: Record<string, string | undefined> = {}): void {
  location.hash = addressOf(segments, parameters)
}

/** The address as it is, and as it becomes. */
export function useAddress(): Address {
  const [address, setAddress] = useState(() => readAddress(location.hash))
  useEffect(() => {
    const changed = () => setAddress(readAddress(location.hash))
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  return address
}
