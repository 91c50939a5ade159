variable "stage" {
  description = "The environment's name; part of every report, metric and resource name."
  type        = string

  validation {
    condition     = can(regex("^([a-z][a-z0-9-]{0,30})$", var.stage))
    error_message = "Lower-case letters, digits and hyphens, at most 31, a letter first."
  }
}

variable "repair_enabled" {
  description = "Whether repairs are made. Leave it off for the first nights, so that they only check."
  type        = bool
  default     = false
}

variable "alarm_topic" {
  description = "The ARN of the SNS topic that alarms go to."
  type        = string

  validation {
    condition     = can(regex("^(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+)$", var.alarm_topic))
    error_message = "The ARN of an SNS topic."
  }
}

variable "buckets" {
  description = "The buckets that IVS records into."
  type        = list(string)

  validation {
    condition     = length(var.buckets) > 0 && alltrue([for each in var.buckets : can(regex("^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$", each))])
    error_message = "At least one, each the name of a bucket."
  }
}

variable "media_buckets" {
  description = "The buckets that uploads lie in; the default is those that IVS records into."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for each in var.media_buckets : can(regex("^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$", each))])
    error_message = "Each the name of a bucket."
  }
}

variable "table" {
  description = "The application's DynamoDB table, in this account and region."
  type        = string

  validation {
    condition     = can(regex("^([A-Za-z0-9_.-]{3,255})$", var.table))
    error_message = "The name of a table, not its ARN."
  }
}

variable "playback_domain" {
  description = "The CloudFront domain that plays recordings, without https://."
  type        = string

  validation {
    condition     = can(regex("^([A-Za-z0-9.-]+)$", var.playback_domain))
    error_message = "A domain alone."
  }
}

variable "algolia_app_id" {
  description = "The Algolia application."
  type        = string

  validation {
    condition     = can(regex("^([A-Za-z0-9]+)$", var.algolia_app_id))
    error_message = "Letters and digits."
  }
}

variable "reader_secret" {
  description = "The name of the secret of the checking function."
  type        = string

  validation {
    condition     = can(regex("^([A-Za-z0-9/_+=.@-]+)$", var.reader_secret))
    error_message = "The name of a secret, not its ARN."
  }
}

variable "writer_secret" {
  description = "The name of the secret of the repairing function."
  type        = string

  validation {
    condition     = can(regex("^([A-Za-z0-9/_+=.@-]+)$", var.writer_secret))
    error_message = "The name of a secret, not its ARN."
  }
}

variable "more_parameters" {
  description = "Any other parameter of the template by its name, such as Nightly, EmailFrom or Slack."
  type        = map(string)
  default     = {}
}

variable "artefact_bucket" {
  description = "A bucket of yours in this region, for the artefact and the template."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$", var.artefact_bucket))
    error_message = "The name of a bucket."
  }
}

variable "artefact" {
  description = "The artefact, zipped."
  type        = string
  default     = "build/artefact.zip"
}

variable "template" {
  description = "The template, as plain CloudFormation."
  type        = string
  default     = "build/template.json"
}
