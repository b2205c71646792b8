#!/bin/sh
# The folder that the image is built from: the shop and its pages.
set -eu
sha256sum --quiet -c SHA256SUMS
for file in shop/*.ts; do node --check "$file"; done
mkdir -p dist
cp -r shop web Dockerfile package.json dist/
echo "files=$(find dist -type f | wc -l)" >> "$AMPHITHEATRE_OUTPUT"
