#!/usr/bin/env bash
# The new version whole beside the old one, then all traffic at once; flags: shepherd deploy --help.
set -euo pipefail
exec shepherd deploy --strategy blue-green "$@"
