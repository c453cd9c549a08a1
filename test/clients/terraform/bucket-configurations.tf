# What can be set on a bucket beside what bucket.tf sets, on buckets of their own.

resource "aws_s3_bucket" "settings" {
  bucket        = "settings-of-terraform"
  force_destroy = true
}
resource "aws_s3_bucket" "reports" {
  bucket        = "reports-of-terraform"
  force_destroy = true
}
resource "aws_s3_bucket_policy" "reports" {
  bucket = aws_s3_bucket.reports.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["logging.s3.amazonaws.com", "s3.amazonaws.com"] }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.reports.arn}/*"
    }]
  })
}

resource "aws_s3_bucket_lifecycle_configuration" "settings" {
  bucket = aws_s3_bucket.settings.id
  rule {
    id     = "uploads"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload { days_after_initiation = 7 }
  }
  rule {
    id     = "logs"
    status = var.changed ? "Disabled" : "Enabled"
    filter {
      and {
        prefix                   = "logs/"
        object_size_greater_than = 1000
        tags                     = { kind = "log", level = "debug" }
      }
    }
    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }
    transition {
      days          = 90
      storage_class = "GLACIER"
    }
    expiration { days = var.changed ? 400 : 365 }
  }
  rule {
    id     = "old"
    status = "Enabled"
    filter { prefix = "" }
    noncurrent_version_expiration {
      noncurrent_days           = 10
      newer_noncurrent_versions = 3
    }
    expiration { expired_object_delete_marker = true }
  }
  depends_on = [aws_s3_bucket_versioning.settings]
}
resource "aws_s3_bucket_versioning" "settings" {
  bucket = aws_s3_bucket.settings.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_logging" "settings" {
  bucket        = aws_s3_bucket.settings.id
  target_bucket = aws_s3_bucket.reports.id
  target_prefix = var.changed ? "lines/" : "log/"
  target_object_key_format {
    partitioned_prefix { partition_date_source = "EventTime" }
  }
  depends_on = [aws_s3_bucket_policy.reports]
}
resource "aws_s3_bucket_notification" "settings" {
  bucket      = aws_s3_bucket.settings.id
  eventbridge = var.changed
  queue {
    id            = "made"
    queue_arn     = "arn:aws:sqs:us-east-1:000000000000:made"
    events        = var.changed ? ["s3:ObjectCreated:Put"] : ["s3:ObjectCreated:*"]
    filter_prefix = "in/"
    filter_suffix = ".txt"
  }
  topic {
    topic_arn = "arn:aws:sns:us-east-1:000000000000:gone"
    events    = ["s3:ObjectRemoved:*", "s3:LifecycleExpiration:*"]
  }
  lambda_function {
    lambda_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:tagged"
    events              = ["s3:ObjectTagging:*"]
  }
}
resource "aws_s3_bucket_accelerate_configuration" "settings" {
  bucket = aws_s3_bucket.settings.id
  status = var.changed ? "Suspended" : "Enabled"
}
resource "aws_s3_bucket_request_payment_configuration" "settings" {
  bucket = aws_s3_bucket.settings.id
  payer  = var.changed ? "BucketOwner" : "Requester"
}
resource "aws_s3_bucket_metric" "settings" {
  bucket = aws_s3_bucket.settings.id
  name   = "logs"
  filter {
    prefix = "logs/"
    tags   = { kind = var.changed ? "line" : "log" }
  }
}
resource "aws_s3_bucket_analytics_configuration" "settings" {
  bucket = aws_s3_bucket.settings.id
  name   = "all"
  filter { prefix = var.changed ? "lines/" : "logs/" }
  storage_class_analysis {
    data_export {
      destination {
        s3_bucket_destination {
          bucket_arn = aws_s3_bucket.reports.arn
          prefix     = "analytics"
        }
      }
    }
  }
}
resource "aws_s3_bucket_inventory" "settings" {
  bucket                   = aws_s3_bucket.settings.id
  name                     = "weekly"
  enabled                  = !var.changed
  included_object_versions = "All"
  optional_fields          = ["Size", "LastModifiedDate", "EncryptionStatus", "BucketKeyStatus"]
  schedule { frequency = "Weekly" }
  filter { prefix = "logs/" }
  destination {
    bucket {
      format     = "CSV"
      bucket_arn = aws_s3_bucket.reports.arn
      prefix     = "inventory"
      encryption {
        sse_kms { key_id = aws_kms_key.files.arn }
      }
    }
  }
}
resource "aws_s3_bucket_intelligent_tiering_configuration" "settings" {
  bucket = aws_s3_bucket.settings.id
  name   = "archive"
  status = var.changed ? "Disabled" : "Enabled"
  filter {
    prefix = "logs/"
    tags   = { kind = "log" }
  }
  tiering {
    access_tier = "DEEP_ARCHIVE_ACCESS"
    days        = 180
  }
  tiering {
    access_tier = "ARCHIVE_ACCESS"
    days        = 125
  }
}

resource "aws_s3_bucket" "locked" {
  bucket              = "locked-of-terraform"
  object_lock_enabled = true
  force_destroy       = true
}
resource "aws_s3_bucket_object_lock_configuration" "locked" {
  bucket = aws_s3_bucket.locked.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = var.changed ? 3 : 2
    }
  }
}
resource "aws_s3_object" "locked" {
  bucket                        = aws_s3_bucket.locked.id
  key                           = "kept"
  content                       = "kept"
  storage_class                 = "STANDARD_IA"
  object_lock_legal_hold_status = var.changed ? "OFF" : "ON"
  object_lock_mode              = "GOVERNANCE"
  object_lock_retain_until_date = "2050-01-01T00:00:00Z"
  force_destroy                 = true
}
resource "aws_s3_object_copy" "hello" {
  bucket                 = aws_s3_bucket.settings.id
  key                    = "copied.txt"
  source                 = "${aws_s3_object.hello.bucket}/${aws_s3_object.hello.key}"
  server_side_encryption = "aws:kms"
  kms_key_id             = aws_kms_key.other.arn
  tagging_directive      = "REPLACE"
  tags                   = { copied = var.changed ? "again" : "once" }
  depends_on             = [aws_kms_key_policy.other]
}

resource "aws_s3_account_public_access_block" "account" {
  block_public_policy = var.changed
  ignore_public_acls  = true
}

resource "aws_s3_bucket" "far" {
  provider      = aws.frankfurt
  bucket        = "far-of-terraform"
  force_destroy = true
}

data "aws_s3_bucket" "far" {
  provider = aws.frankfurt
  bucket   = aws_s3_bucket.far.id
}
data "aws_s3_object" "hello" {
  bucket = aws_s3_object.hello.bucket
  key    = aws_s3_object.hello.key
}
data "aws_s3_objects" "settings" {
  bucket     = aws_s3_bucket.settings.id
  depends_on = [aws_s3_object_copy.hello]
}

resource "aws_iam_role" "copier" {
  name = "copier"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "s3.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
resource "aws_s3_bucket_versioning" "far" {
  provider = aws.frankfurt
  bucket   = aws_s3_bucket.far.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_replication_configuration" "settings" {
  bucket = aws_s3_bucket.settings.id
  role   = aws_iam_role.copier.arn
  rule {
    id       = "far"
    status   = var.changed ? "Disabled" : "Enabled"
    priority = 1
    filter { prefix = "far/" }
    delete_marker_replication { status = var.changed ? "Disabled" : "Enabled" }
    source_selection_criteria {
      sse_kms_encrypted_objects { status = "Enabled" }
    }
    destination {
      bucket        = aws_s3_bucket.far.arn
      storage_class = "STANDARD_IA"
      encryption_configuration { replica_kms_key_id = aws_kms_replica_key.frankfurt.arn }
    }
  }
  depends_on = [aws_s3_bucket_versioning.settings, aws_s3_bucket_versioning.far]
}
