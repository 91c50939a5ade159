"""What the job is told by whoever runs it: environment variables, then a TOML file, then defaults."""
