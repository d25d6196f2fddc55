#!/bin/sh
# A script as many teams have one: change the image, wait, and go back where that fails.
set -eu
kubectl set image deployment/web "web=$1"
if ! kubectl rollout status deployment/web --timeout="${DEPLOY_TIMEOUT:-60s}"; then
  kubectl rollout undo deployment/web
  kubectl rollout status deployment/web
  exit 1
fi
