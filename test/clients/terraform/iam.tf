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
