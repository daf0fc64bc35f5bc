#!/bin/sh
# Makes the secrets that compose.yaml mounts, once: random passwords in docker/secrets (or the folder given).
# The folder is closed to others; the files inside are not, because the user of a container has another number.
set -eu
umask 077
folder=${1:-$(dirname "$0")/secrets}
if [ -e "$folder" ]; then
  printf '%s exists already; remove it yourself if its passwords may go.\n' "$folder" >&2
  exit 1
fi
word() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
mkdir -p "$folder"
cd "$folder"
owner=$(word) service=$(word) bell=$(word)
printf '%s' "$owner" >owner_password
printf '%s' "$service" >service_password
printf 'postgresql://postgres:%s@postgres:5432/vereffen' "$owner" >owner_url
printf 'postgresql://vereffen_service:%s@postgres:5432/vereffen' "$service" >service_url
printf 'redis://:%s@valkey:6379/0' "$bell" >redis_url
printf 'requirepass %s\n' "$bell" >valkey.conf
chmod 0444 ./*
chmod 0700 .
