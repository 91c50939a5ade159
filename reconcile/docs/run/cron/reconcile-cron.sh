#!/bin/sh
# Runs what RECONCILE_MODE says, with the settings of a file and the options behind it. Prints nothing where the run
# did its work: findings (2) and waiting approvals (5) are what its report is for. Everything else is printed, for cron
# to mail. No lock is needed: a repair takes a lease of its own, and a second one says so and ends with 0.
set -eu
settings=$1
shift
set -a
. "$settings"
set +a
said=$(/opt/reconcile/.venv/bin/reconcile "$RECONCILE_MODE" "$@" 2>&1) && exit
code=$?
case $code in
  2 | 5) exit 0 ;;
esac
printf 'reconcile %s ended with %s\n\n%s\n' "$RECONCILE_MODE" "$code" "$said"
exit "$code"
