terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  s3_use_path_style       = true
  skip_metadata_api_check = true
  # S3 Control's clients put the account in front of a name.
  endpoints { s3control = var.by_name }
  default_tags {
    tags = { owner = var.changed ? "two" : "one" }
  }
}
provider "aws" {
  alias                   = "frankfurt"
  region                  = "eu-central-1"
  s3_use_path_style       = true
  skip_metadata_api_check = true
}
variable "by_name" {
  type = string
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
output "decrypted" {
  value     = data.aws_kms_secrets.secret.plaintext["secret"]
  sensitive = true
}
output "far" {
  value = data.aws_s3_bucket.far.region
}
output "listed" {
  value = join(",", data.aws_s3_objects.settings.keys)
}
