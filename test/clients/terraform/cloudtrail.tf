data "aws_iam_policy_document" "trail" {
  statement {
    actions   = ["s3:GetBucketAcl"]
    resources = [aws_s3_bucket.trail.arn]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
  statement {
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.trail.arn}/AWSLogs/000000000000/*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "s3:x-amz-acl"
      values   = ["bucket-owner-full-control"]
    }
  }
}
resource "aws_s3_bucket" "trail" {
  bucket        = "trail-of-terraform"
  force_destroy = true
}
resource "aws_s3_bucket_policy" "trail" {
  bucket = aws_s3_bucket.trail.id
  policy = data.aws_iam_policy_document.trail.json
}
resource "aws_cloudtrail" "all" {
  depends_on                 = [aws_s3_bucket_policy.trail]
  name                       = "all"
  s3_bucket_name             = aws_s3_bucket.trail.id
  is_multi_region_trail      = var.changed
  enable_log_file_validation = true
  tags                       = { env = var.changed ? "prod" : "test" }
  event_selector {
    read_write_type = var.changed ? "WriteOnly" : "All"
    data_resource {
      type   = "AWS::S3::Object"
      values = ["arn:aws:s3:::uploads/"]
    }
  }
}
resource "aws_cloudtrail" "some" {
  depends_on     = [aws_s3_bucket_policy.trail]
  name           = "some"
  s3_bucket_name = aws_s3_bucket.trail.id
  enable_logging = var.changed
  advanced_event_selector {
    name = "writes of objects"
    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
    field_selector {
      field       = "resources.ARN"
      starts_with = ["arn:aws:s3:::uploads/in/"]
    }
  }
}
