#!/bin/bash
# As that of the image it stands in for: POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD or _FILE, POSTGRES_INITDB_ARGS,
# /docker-entrypoint-initdb.d, then postgres as its own user.
set -euo pipefail
[ "${1:-}" != "" ] || set -- postgres
[ "${1:0:1}" != - ] || set -- postgres "$@"
if [ "$1" = postgres ]; then
  if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
    POSTGRES_PASSWORD=$(<"$POSTGRES_PASSWORD_FILE")
    export POSTGRES_PASSWORD
    unset POSTGRES_PASSWORD_FILE
  fi
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
    chmod 700 "$PGDATA"
    exec gosu postgres "${BASH_SOURCE[0]}" "$@"
  fi
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    : "${POSTGRES_USER:=postgres}" "${POSTGRES_PASSWORD:=}" "${POSTGRES_DB:=$POSTGRES_USER}"
    [ -n "$POSTGRES_PASSWORD" ] || { echo "Error: Database is uninitialized and superuser password is not specified." >&2; exit 1; }
    # shellcheck disable=SC2086 # arguments with spaces between
    initdb -U "$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") ${POSTGRES_INITDB_ARGS:-} >/dev/null
    printf '\nhost all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
    printf "listen_addresses='*'\nshared_preload_libraries='timescaledb'\ntimescaledb.telemetry_level=off\n" >>"$PGDATA/postgresql.conf"
    PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start >/dev/null
    export PGUSER=$POSTGRES_USER PGPASSWORD=$POSTGRES_PASSWORD
    [ "$POSTGRES_DB" = postgres ] || createdb "$POSTGRES_DB"
    psql -v ON_ERROR_STOP=1 -d "$POSTGRES_DB" -qc 'CREATE EXTENSION IF NOT EXISTS timescaledb'
    shopt -s nullglob
    for file in /docker-entrypoint-initdb.d/*; do
      case $file in
        *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
        *.sql) psql -v ON_ERROR_STOP=1 -d "$POSTGRES_DB" -q -f "$file" ;;
      esac
    done
    unset PGPASSWORD PGUSER
    pg_ctl -D "$PGDATA" -m fast -w stop >/dev/null
  fi
  unset POSTGRES_PASSWORD
fi
exec "$@"
