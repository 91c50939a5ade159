output "check_function" {
  description = "The function that only checks."
  value       = aws_cloudformation_stack.reconcile.outputs["CheckFunction"]
}

output "repair_function" {
  description = "The function that repairs, once repairs are enabled."
  value       = aws_cloudformation_stack.reconcile.outputs["RepairFunction"]
}

output "state_table" {
  description = "The job's memory."
  value       = aws_cloudformation_stack.reconcile.outputs["StateTable"]
}

output "reports" {
  description = "Where the reports are archived."
  value       = aws_cloudformation_stack.reconcile.outputs["Reports"]
}

output "dashboard" {
  description = "The address of the dashboard; what the nights did and cost, at one glance."
  value       = aws_cloudformation_stack.reconcile.outputs["Dashboard"]
}

output "newest_report" {
  description = "The address of the newest report."
  value       = aws_cloudformation_stack.reconcile.outputs["NewestReport"]
}
