/* Numbers that prove themselves by a check digit: any other number of their length is one by chance only. */

/** Lengths of card numbers by what they begin with (ISO/IEC 7812): times and ids of other kinds begin otherwise. */
const cards: readonly (readonly [issuer: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(6011|64[4-9]|65)/, [16, 17, 18, 19]],
  [/^(30[0-5]|309|36|38|39)/, [14, 16, 17, 18, 19]],
  [/^35(2[89]|[3-8])/, [16, 17, 18, 19]],
  [/^(62|81)/, [16, 17, 18, 19]],
  [/^(50|5[6-9]|6[0379])/, [16, 17, 18, 19]],
]

/** A number of a payment card, whose digits may stand in groups: an issuer's, with the check digit of Luhn (ISO/IEC 7812-1). */
export function isCardNumber(value: string): boolean {
  if (!/^\d{4}([ -]?\d)+$/.test(value)) return false
  const digits = value.replace(/[ -]/g, '')
  if (!cards.some(([issuer, lengths]) => issuer.test(digits) && lengths.includes(digits.length))) return false
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1)
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return sum % 10 === 0
}

/** ISO 13616: the number that it makes leaves 1 when it is divided by 97. */
export function isIban(value: string): boolean {
  const text = value.replaceAll(' ', '').toUpperCase()
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false
  const turned = text.slice(4) + text.slice(0, 4)
  const remainder = [...turned].reduce((rest, character) => {
    const number = Number.parseInt(character, 36)
    return (rest * (number > 9 ? 100 : 10) + number) % 97
  }, 0)
  return remainder === 1
}

/** `756.1234.5678.97`, with or without its dots: the check digit of EAN-13. */
export function isSwissInsuranceNumber(value: string): boolean {
  if (!/^756(\.\d{4}\.\d{4}\.\d{2}|\d{10})$/.test(value)) return false
  const sum = [...value.replaceAll('.', '')].reduce((total, digit, index) => {
    return total + Number(digit) * (index % 2 === 1 ? 3 : 1)
  }, 0)
  return sum % 10 === 0
}

/** `123.456.789-09`: two check digits modulo 11. */
export function isCpf(value: string): boolean {
  if (!/^\d{3}\.\d{3}\.\d{3}-\d{2}$/.test(value)) return false
  const digits = value.replace(/\D/g, '')
  return [9, 10].every((length) => {
    const sum = [...digits.slice(0, length)].reduce(
      (total, digit, index) => total + Number(digit) * (length + 1 - index),
      0,
    )
    return ((sum * 10) % 11) % 10 === Number(digits[length])
  })
}
