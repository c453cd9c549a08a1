/** A text as a header can hold it: what is not printable ASCII is percent-encoded, escapes stay as they are. */
export function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, escapeCharacter)
}

function escapeCharacter(character: string): string {
  return Buffer.from(character).toString('hex').toUpperCase().replace(/../g, '%$&')
}
