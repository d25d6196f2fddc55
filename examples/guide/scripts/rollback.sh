#!/usr/bin/env bash
# Back to the newest good revision before this, or to the one that is named; flags: shepherd rollback --help.
set -euo pipefail
exec shepherd rollback "$@"
