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
