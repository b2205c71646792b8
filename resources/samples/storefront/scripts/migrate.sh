#!/bin/sh
# Applies the migrations that the database has not seen, each in a transaction of its own.
set -eu
sql() { psql -XqAt -v ON_ERROR_STOP=1 "$@"; }
sql -c 'CREATE TABLE IF NOT EXISTS schema_migrations (version text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())' 2>&1
for file in migrations/*.sql; do
  version=$(basename "$file" .sql)
  [ -z "$(sql -c "SELECT 1 FROM schema_migrations WHERE version = '$version'")" ] || continue
  echo "applying $version"
  sql -1 -f "$file" -c "INSERT INTO schema_migrations (version) VALUES ('$version')"
done
