terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  s3_use_path_style       = true
  skip_metadata_api_check = true
}
variable "changed" {
  type    = bool
  default = false
}
data "aws_caller_identity" "me" {}

# The role is there before.
provider "aws" {
  alias                   = "assumed"
  s3_use_path_style       = true
  skip_metadata_api_check = true
  assume_role {
    role_arn     = "arn:aws:iam::000000000000:role/deployer"
    session_name = "terraform"
    external_id  = "of-two"
    tags         = { team = "a" }
  }
}
data "aws_caller_identity" "assumed" {
  provider = aws.assumed
}
data "aws_iam_principal_policy_simulation" "read" {
  depends_on        = [aws_iam_user_policy_attachment.read]
  policy_source_arn = aws_iam_user.anna.arn
  action_names      = ["s3:GetObject"]
  resource_arns     = ["${aws_s3_bucket.files.arn}/hello.txt"]
}
output "assumed" {
  value = data.aws_caller_identity.assumed.arn
}
output "may_read" {
  value = data.aws_iam_principal_policy_simulation.read.all_allowed
}

output "key" {
  value = aws_kms_key.files.arn
}
output "id" {
  value = aws_iam_access_key.anna.id
}
output "secret" {
  value     = aws_iam_access_key.anna.secret
  sensitive = true
}

# --- KMS
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

# --- IAM
resource "aws_iam_user" "anna" {
  name          = "anna"
  force_destroy = true
  tags          = var.changed ? { team = "b" } : { team = "a", cost = "1" }
}
resource "aws_iam_access_key" "anna" {
  user = aws_iam_user.anna.name
}
resource "aws_iam_user" "bert" {
  name = "bert"
  path = var.changed ? "/people/" : "/"
}
resource "aws_iam_access_key" "bert" {
  user   = aws_iam_user.bert.name
  status = var.changed ? "Inactive" : "Active"
}
resource "aws_iam_group" "readers" {
  name = "readers"
}
resource "aws_iam_user_group_membership" "anna" {
  user   = aws_iam_user.anna.name
  groups = [aws_iam_group.readers.name]
}
resource "aws_iam_policy" "read" {
  name        = "read"
  description = "reads"
  policy      = data.aws_iam_policy_document.read.json
}
data "aws_iam_policy_document" "read" {
  statement {
    actions   = var.changed ? ["s3:GetObject", "s3:GetObjectVersion"] : ["s3:GetObject"]
    resources = ["${aws_s3_bucket.files.arn}/*"]
  }
  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.files.arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["home/$${aws:username}/*"]
    }
  }
}
resource "aws_iam_group_policy_attachment" "read" {
  group      = aws_iam_group.readers.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_user_policy_attachment" "read" {
  user       = aws_iam_user.anna.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_user_policy" "own" {
  name = "own"
  user = aws_iam_user.anna.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = var.changed ? "kms:Decrypt" : "kms:*", Resource = aws_kms_key.files.arn }]
  })
}
resource "aws_iam_group_policy" "own" {
  name  = "own"
  group = aws_iam_group.readers.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" }]
  })
}
resource "aws_iam_role" "app" {
  name                 = "app"
  path                 = "/service/"
  description          = var.changed ? "of the app, changed" : "of the app"
  max_session_duration = var.changed ? 7200 : 3600
  permissions_boundary = var.changed ? null : aws_iam_policy.limit.arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = aws_iam_user.anna.arn, Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
  tags = { app = "files" }
}
resource "aws_iam_policy" "limit" {
  name   = "limit"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:*", "kms:*"], Resource = "*" }] })
}
resource "aws_iam_role_policy" "own" {
  name   = "own"
  role   = aws_iam_role.app.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "read" {
  role       = aws_iam_role.app.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_role_policy_attachment" "aws" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}
resource "aws_iam_instance_profile" "app" {
  name = "app"
  role = aws_iam_role.app.name
  tags = var.changed ? { app = "files" } : {}
}

# --- S3
resource "aws_s3_bucket" "files" {
  bucket = "files-of-terraform"
  tags   = var.changed ? { env = "prod" } : { env = "test" }
}
resource "aws_s3_bucket_ownership_controls" "files" {
  bucket = aws_s3_bucket.files.id
  rule {
    object_ownership = var.changed ? "BucketOwnerPreferred" : "ObjectWriter"
  }
}
resource "aws_s3_bucket_public_access_block" "files" {
  bucket                  = aws_s3_bucket.files.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = !var.changed
}
resource "aws_s3_bucket_acl" "files" {
  depends_on = [aws_s3_bucket_ownership_controls.files]
  bucket     = aws_s3_bucket.files.id
  acl        = var.changed ? "log-delivery-write" : "private"
}
resource "aws_s3_bucket_server_side_encryption_configuration" "files" {
  bucket = aws_s3_bucket.files.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.files.arn
    }
  }
}
resource "aws_s3_bucket_versioning" "files" {
  bucket = aws_s3_bucket.files.id
  versioning_configuration {
    status = var.changed ? "Suspended" : "Enabled"
  }
}
resource "aws_s3_bucket_policy" "files" {
  depends_on = [aws_s3_bucket_public_access_block.files]
  bucket     = aws_s3_bucket.files.id
  policy     = data.aws_iam_policy_document.bucket.json
}
data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "DenyUnencrypted"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.files.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringNotEqualsIfExists"
      variable = "s3:x-amz-server-side-encryption"
      values   = ["aws:kms"]
    }
  }
  dynamic "statement" {
    for_each = var.changed ? [1] : []
    content {
      sid       = "AppReads"
      actions   = ["s3:GetObject", "s3:ListBucket"]
      resources = [aws_s3_bucket.files.arn, "${aws_s3_bucket.files.arn}/*"]
      principals {
        type        = "AWS"
        identifiers = [aws_iam_role.app.arn, aws_iam_user.anna.arn]
      }
    }
  }
}
resource "aws_s3_object" "hello" {
  bucket     = aws_s3_bucket.files.id
  key        = "hello.txt"
  content    = var.changed ? "hello again" : "hello"
  kms_key_id = aws_kms_key.files.arn
  tags       = var.changed ? { kind = "greeting" } : { kind = "greeting", draft = "yes" }
  depends_on = [aws_s3_bucket_policy.files, aws_s3_bucket_versioning.files]
}

resource "aws_s3_bucket_cors_configuration" "files" {
  bucket = aws_s3_bucket.files.id
  cors_rule {
    id              = "pages"
    allowed_headers = ["*"]
    allowed_methods = var.changed ? ["PUT"] : ["PUT", "POST"]
    allowed_origins = ["https://app.example"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }
}

resource "aws_s3_bucket_website_configuration" "files" {
  bucket = aws_s3_bucket.files.id
  index_document { suffix = "index.html" }
  error_document { key = "error.html" }
  routing_rule {
    condition { key_prefix_equals = "docs/" }
    redirect {
      replace_key_prefix_with = var.changed ? "" : "documents/"
      http_redirect_code      = "302"
    }
  }
}
