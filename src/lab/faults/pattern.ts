/** A pattern with `*`: matched piece by piece, so that none takes long. */
export function pattern(text: string): (value: string) => boolean {
  const [first = '', ...rest] = text.split('*')
  const last = rest.pop()
  if (last === undefined) return (value) => value === text
  return (value) => {
    if (!value.startsWith(first)) return false
    let at = first.length
    for (const piece of rest) {
      const found = value.indexOf(piece, at)
      if (found < 0) return false
      at = found + piece.length
    }
    return value.length - last.length >= at && value.endsWith(last)
  }
}
