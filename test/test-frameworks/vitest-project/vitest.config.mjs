export default {
  test: { setupFiles: ['s3kms-emu/vitest/setup'], env: { S3KMS_FIXTURES: './fixtures.yaml' } },
}
