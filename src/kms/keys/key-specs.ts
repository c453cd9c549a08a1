/** What AWS says of a key spec: what it may be used for, and with which algorithms. */
export interface KeySpecRow {
  usages: readonly KeyUsage[]
  algorithms: Partial<Record<KeyUsage, readonly string[]>>
}

export const keyUsages = ['SIGN_VERIFY', 'ENCRYPT_DECRYPT', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'] as const
export type KeyUsage = (typeof keyUsages)[number]

const rsaSigning = [
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
]

const rsa: KeySpecRow = {
  usages: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'],
  algorithms: { ENCRYPT_DECRYPT: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'], SIGN_VERIFY: rsaSigning },
}

function nistCurve(signing: string): KeySpecRow {
  return { usages: ['SIGN_VERIFY', 'KEY_AGREEMENT'], algorithms: { SIGN_VERIFY: [signing], KEY_AGREEMENT: ['ECDH'] } }
}

function signing(...algorithms: string[]): KeySpecRow {
  return { usages: ['SIGN_VERIFY'], algorithms: { SIGN_VERIFY: algorithms } }
}

function mac(algorithm: string): KeySpecRow {
  return { usages: ['GENERATE_VERIFY_MAC'], algorithms: { GENERATE_VERIFY_MAC: [algorithm] } }
}

/** In the order of AWS's model. */
const rows = {
  RSA_2048: rsa,
  RSA_3072: rsa,
  RSA_4096: rsa,
  ECC_NIST_P256: nistCurve('ECDSA_SHA_256'),
  ECC_NIST_P384: nistCurve('ECDSA_SHA_384'),
  ECC_NIST_P521: nistCurve('ECDSA_SHA_512'),
  ECC_SECG_P256K1: signing('ECDSA_SHA_256'),
  SYMMETRIC_DEFAULT: { usages: ['ENCRYPT_DECRYPT'], algorithms: { ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT'] } },
  HMAC_224: mac('HMAC_SHA_224'),
  HMAC_256: mac('HMAC_SHA_256'),
  HMAC_384: mac('HMAC_SHA_384'),
  HMAC_512: mac('HMAC_SHA_512'),
  SM2: {
    usages: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'KEY_AGREEMENT'],
    algorithms: { ENCRYPT_DECRYPT: ['SM2PKE'], SIGN_VERIFY: ['SM2DSA'], KEY_AGREEMENT: ['ECDH'] },
  },
  ECC_NIST_EDWARDS25519: signing('ED25519_SHA_512', 'ED25519_PH_SHA_512'),
  ML_DSA_44: signing('ML_DSA_SHAKE_256'),
  ML_DSA_65: signing('ML_DSA_SHAKE_256'),
  ML_DSA_87: signing('ML_DSA_SHAKE_256'),
} as const satisfies Record<string, KeySpecRow>

export type KeySpec = keyof typeof rows

/** Every key spec of the API with what AWS allows for it. */
export const keySpecs: Record<KeySpec, KeySpecRow> = rows
export const keySpecNames = Object.keys(rows) as KeySpec[]

/** Bytes of key material, where any bytes will do; the others are private keys. */
export const materialLengths: Partial<Record<KeySpec, number>> = {
  SYMMETRIC_DEFAULT: 32,
  HMAC_224: 28,
  HMAC_256: 32,
  HMAC_384: 48,
  HMAC_512: 64,
}
