#!/usr/bin/env bash
# Rolling update of the chart in shepherd.config.mjs; flags: shepherd deploy --help.
set -euo pipefail
exec shepherd deploy --strategy rolling "$@"
