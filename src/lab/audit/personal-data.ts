/*
 * What looks like data about a person, or like a secret. Values are looked at first, then the names of pairs. It finds what people
 * put there by mistake; it proves nothing about what it does not find.
 */

/** Longer ones are cut: what is looked for is short. */
const longestLookedAt = 2048

const byValue: readonly (readonly [kind: string, looksLike: (value: string) => boolean])[] = [
  ['an e-mail address', hasMailAddress],
  ['a card number', isCardNumber],
  ['a US social security number', (value) => /^\d{3}-\d{2}-\d{4}$/.test(value)],
  ['an IBAN', isIban],
  ['a telephone number', (value) => /^\+\d[\d ().-]{7,18}$/.test(value)],
  ['an access key', (value) => /^(AKIA|ASIA)[A-Z2-7]{16}$/.test(value)],
  ['a private key', (value) => value.includes('PRIVATE KEY-----')],
  ['a token', (value) => /^eyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]*$/.test(value)],
]

const byName: readonly (readonly [kind: string, looksLike: RegExp])[] = [
  ['a secret', /^(password|passwd|passphrase|secret|api[-_]?key|token|credential)s?$/i],
  [
    'data about a person',
    /^(e[-_]?mail|ssn|phone|first[-_]?name|last[-_]?name|full[-_]?name|birth[-_]?da(te|y)|address|iban)$/i,
  ],
]

/** @returns what a pair looks like; undefined: like nothing of the kind */
export function personalDataIn(name: string, value: string): string | undefined {
  const text = value.slice(0, longestLookedAt).trim()
  return (
    byValue.find(([, looksLike]) => looksLike(text))?.[0] ??
    byName.find(([, looksLike]) => looksLike.test(name.trim()))?.[0]
  )
}

/** By its `@`: a pattern that begins with what is before it would look at each character many times. */
function hasMailAddress(value: string): boolean {
  const [first = '', ...others] = value.split('@')
  return others.some((domain, index) => {
    const local = index === 0 ? first : (others[index - 1] ?? '')
    return /[\w.+-]$/.test(local.slice(-1)) && /^[\w-]{1,63}\.[\w.-]{2}/.test(domain)
  })
}

/** 13 to 19 digits whose check digit is right (ISO/IEC 7812-1, Luhn). */
function isCardNumber(value: string): boolean {
  const digits = value.replace(/[ -]/g, '')
  if (!/^\d{13,19}$/.test(digits) || /^(\d)\1*$/.test(digits)) return false
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1)
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return sum % 10 === 0
}

/** ISO 13616: the number that it makes leaves 1 when it is divided by 97. */
function isIban(value: string): boolean {
  const text = value.replaceAll(' ', '')
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false
  const turned = text.slice(4) + text.slice(0, 4)
  const remainder = [...turned].reduce((rest, character) => {
    const number = Number.parseInt(character, 36)
    return (rest * (number > 9 ? 100 : 10) + number) % 97
  }, 0)
  return remainder === 1
}
