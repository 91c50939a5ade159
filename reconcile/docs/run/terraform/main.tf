# The stack of plain CloudFormation, with its artefact and its template in a bucket of yours. Build both first:
#   .venv/bin/python -m reconcile.artefact --zip build/artefact.zip
#   .venv/bin/python -m reconcile.artefact.plain > build/template.json

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_s3_bucket" "artefacts" {
  bucket = var.artefact_bucket
}

resource "aws_s3_object" "artefact" {
  bucket = var.artefact_bucket
  key    = local.artefact_key
  source = var.artefact
}

resource "aws_s3_object" "template" {
  bucket = var.artefact_bucket
  key    = local.template_key
  source = var.template
}

resource "aws_cloudformation_stack" "reconcile" {
  name         = "reconcile-${var.stage}"
  template_url = "https://${data.aws_s3_bucket.artefacts.bucket_regional_domain_name}/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_IAM"]
  parameters   = local.parameters

  depends_on = [aws_s3_object.artefact]
}
