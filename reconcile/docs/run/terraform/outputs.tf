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
