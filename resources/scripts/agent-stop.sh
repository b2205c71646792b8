#!/bin/sh
# Stops an agent: --id ID [--graceful | --force]
exec "${AMPHI:-amphi}" agent stop "$@"
