import { type ErrorDetails, errorCatalogue } from '../../aws/errors.ts'

/** Errors that S3 Control has beside those of S3 (evidence: s3-control). */
export const controlErrors = errorCatalogue({
  NoSuchResource: () => ({ message: "The specified resource doesn't exist.", status: 404 }),
  TooManyTags: () => ({ message: 'The maximum number of tags allowed on a resource is 50.', status: 400 }),
  NoSuchPublicAccessBlockConfiguration: (AccountId: string) => ({
    message: 'The public access block configuration was not found',
    status: 404,
    details: { AccountId } satisfies ErrorDetails,
  }),
})
