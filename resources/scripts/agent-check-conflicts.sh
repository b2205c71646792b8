#!/bin/sh
# Shows who is in whose way: [--watch]
exec "${AMPHI:-amphi}" conflicts "$@"
