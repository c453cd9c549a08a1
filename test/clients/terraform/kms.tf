resource "aws_kms_key" "files" {
  description             = var.changed ? "files, changed" : "files"
  deletion_window_in_days = 7
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([{
      Sid       = "account"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
      }], var.changed ? [{
      Sid       = "app"
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.app.arn }
      Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
      Resource  = "*"
    }] : [])
  })
}
resource "aws_kms_alias" "files" {
  name          = "alias/files"
  target_key_id = aws_kms_key.files.key_id
}
resource "aws_kms_grant" "app" {
  name              = "app"
  key_id            = aws_kms_key.files.key_id
  grantee_principal = aws_iam_role.app.arn
  operations        = var.changed ? ["Decrypt"] : ["Encrypt", "Decrypt"]
  constraints {
    encryption_context_equals = { tenant = "a" }
  }
}

# A key whose rotation, tags and policy are resources of their own kind, and one that replaces it under the alias.
resource "aws_kms_key" "other" {
  deletion_window_in_days = 7
  enable_key_rotation     = var.changed
  tags                    = { kept = "no" }
}
resource "aws_kms_key_policy" "other" {
  key_id = aws_kms_key.other.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = var.changed ? "changed" : "account"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}
resource "aws_kms_alias" "moves" {
  name          = "alias/moves"
  target_key_id = var.changed ? aws_kms_key.other.key_id : aws_kms_key.files.key_id
}
resource "aws_kms_key" "everywhere" {
  deletion_window_in_days = 7
  multi_region            = true
}
resource "aws_kms_replica_key" "frankfurt" {
  provider                = aws.frankfurt
  primary_key_arn         = aws_kms_key.everywhere.arn
  deletion_window_in_days = 7
  description             = var.changed ? "there, changed" : "there"
}
resource "aws_kms_external_key" "brought" {
  deletion_window_in_days = 7
  key_material_base64     = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
  enabled                 = !var.changed
}
resource "aws_kms_ciphertext" "secret" {
  key_id    = aws_kms_key.files.key_id
  plaintext = "a secret"
  context   = { tenant = "a" }
}
data "aws_kms_secrets" "secret" {
  secret {
    name    = "secret"
    payload = aws_kms_ciphertext.secret.ciphertext_blob
    context = { tenant = "a" }
  }
}
data "aws_kms_alias" "files" {
  name = aws_kms_alias.files.name
}
