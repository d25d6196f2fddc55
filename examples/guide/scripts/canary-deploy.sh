#!/usr/bin/env bash
# A growing share of traffic to the new version; flags: shepherd deploy --help.
set -euo pipefail
exec shepherd deploy --strategy canary "$@"
