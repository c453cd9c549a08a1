terraform {
  backend "s3" {
    bucket                      = "states"
    key                         = "team/terraform.tfstate"
    use_lockfile                = true
    use_path_style              = true
    encrypt                     = true
    skip_metadata_api_check     = true
    skip_requesting_account_id  = true
    skip_credentials_validation = true
  }
}
variable "value" {
  type = string
}
# Its making takes until there is a file of its value's name, or no folder any more.
resource "terraform_data" "kept" {
  triggers_replace = var.value
  provisioner "local-exec" {
    command = "touch 'started-${var.value}'; while [ -e main.tf ] && [ ! -e '${var.value}' ]; do sleep 0.05; done"
  }
}
