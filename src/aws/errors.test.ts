import { expect, test } from '@jest/globals'
import { AwsError, errorCatalogue } from './errors.ts'

test('A catalogue makes errors by their codes, with words, status, details and headers', () => {
  const errors = errorCatalogue({
    NoSuchKey: (key: string) => ({
      message: `No ${key}`,
      status: 404,
      details: { Key: key },
      headers: { 'x-amz-delete-marker': 'true' },
    }),
    Plain: () => ({ message: '', status: 400 }),
  })
  const error = errors.NoSuchKey('k')
  expect(error).toBeInstanceOf(AwsError)
  expect(error).toMatchObject({ name: 'NoSuchKey', code: 'NoSuchKey', message: 'No k', status: 404 })
  expect(error.details).toEqual({ Key: 'k' })
  expect(error.headers).toEqual({ 'x-amz-delete-marker': 'true' })
  expect(errors.Plain()).toMatchObject({ code: 'Plain', status: 400, details: {}, headers: {} })
})
