/** The variables that turn AWS's own tools to an emulator. */
export function awsVariables(
  endpoint: string,
  region: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  }
}

/** The variables by which AWS's tools trust a certificate. @param file where it lies, if it does */
export function trustVariables(file: string | undefined): Record<string, string> {
  return file === undefined ? {} : { AWS_CA_BUNDLE: file, NODE_EXTRA_CA_CERTS: file }
}
