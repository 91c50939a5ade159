"""The ways in which reports reach people: e-mail, Slack, a webhook; one small adapter each."""
