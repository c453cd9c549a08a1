#!/bin/bash
set -euo pipefail
awslocal s3 mb s3://seeded
key=$(awslocal kms create-key --query KeyMetadata.KeyId --output text)
awslocal kms create-alias --alias-name alias/seeded --target-key-id "$key"
echo hello | awslocal s3 cp - s3://seeded/hello.txt --sse aws:kms --sse-kms-key-id alias/seeded
