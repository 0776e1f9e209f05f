#!/bin/sh
# Ask all seven services how they are: healthy, degraded, unhealthy or down.
# Exit code 0 when all are healthy, 1 when one is not, 2 when it could not be asked. Needs a POSIX shell and curl.
#
#   scripts/check_health.sh [HOST]          default: localhost
#
# AE_PORT_OFFSET is added to every port; DATABASE_SERVICE_URL, API_GATEWAY_URL and the like name a service elsewhere.
set -u

host=${1:-${AE_HOST:-localhost}}
offset=${AE_PORT_OFFSET:-0}
limit_s=${AE_HEALTH_TIMEOUT_S:-5}

command -v curl >/dev/null 2>&1 || { echo "error: curl is not here" >&2; echo "remedy: apt-get install curl" >&2; exit 2; }
answers=$(mktemp -d) || exit 2
trap 'rm -rf "$answers"' EXIT
trap 'exit 2' INT TERM

services="database_service:8000 messaging_service:8001 business_metadata:8020 calculation_engine_service:8021
demo_config_service:8022 connector_service:8023 api_gateway:8090"

url_of() { # name port
  eval "given=\${$(printf '%s' "$1" | tr '[:lower:]' '[:upper:]')_URL:-}"
  printf '%s' "${given:-http://$host:$(($2 + offset))}"
}

for each in $services; do
  name=${each%:*}
  curl --silent --max-time "$limit_s" "$(url_of "$name" "${each#*:}")/health" >"$answers/$name" 2>/dev/null &
done
wait

code=0
for each in $services; do
  name=${each%:*}
  status=down
  if grep -q "\"service\": *\"$name\"" "$answers/$name" 2>/dev/null; then
    status=$(sed -n '1s/^{"status": *"\([a-z]*\)".*/\1/p' "$answers/$name")
  fi
  case $status in
    healthy) ;;
    degraded | unhealthy) code=1 ;;
    *) status=down code=1 ;;
  esac
  printf '%-27s %-10s %s\n' "$name" "$status" "$(url_of "$name" "${each#*:}")/health"
done
exit "$code"
