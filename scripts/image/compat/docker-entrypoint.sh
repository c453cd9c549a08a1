#!/bin/sh
# The entrypoint of the compat image: starts s3kms-emu as the image would have started in whose place it stands.
#
#   (nothing), or options of `start`     LocalStack, S3Mock, moto, local-kms: told by their variables
#   server /data …, minio server …       MinIO
#   a command of s3kms-emu, or another   that command
set -eu

# Where the images listen in whose place it stands; none of them is there in this container.
all_ports=0.0.0.0:4566,0.0.0.0:9000,0.0.0.0:9090,0.0.0.0:5000,0.0.0.0:8080

# All of them but that of the main listener.
others() {
  printf '%s' "$all_ports" | tr ',' '\n' | grep -v ":$1\$" | paste -s -d , -
}

is_set() {
  for name in "$@"; do
    eval "[ -n \"\${$name:-}\" ]" && return 0
  done
  return 1
}

start() {
  case " $* " in *' --port'* | *' --also-listen'*) own_ports=1 ;; *) own_ports= ;; esac
  is_set S3KMS_HOST GATEWAY_LISTEN LOCALSTACK_GATEWAY_LISTEN || set -- --host 0.0.0.0 "$@"
  if ! is_set own_ports S3KMS_PORT EDGE_PORT GATEWAY_LISTEN LOCALSTACK_GATEWAY_LISTEN MOTO_PORT MINIO_API_PORT_NUMBER; then
    export S3KMS_ALSO_LISTEN="${S3KMS_ALSO_LISTEN-$(others 4566)}"
  fi
  # local-kms reads its seed there, and has an account and a Region of its own.
  if [ -e /init/seed.yaml ]; then
    export KMS_SEED_PATH="${KMS_SEED_PATH:-/init/seed.yaml}" KMS_DATA_PATH="${KMS_DATA_PATH:-/data}"
    export KMS_ACCOUNT_ID="${KMS_ACCOUNT_ID:-111122223333}" KMS_REGION="${KMS_REGION:-eu-west-2}"
    export S3KMS_ASYMMETRIC_KEYS="${S3KMS_ASYMMETRIC_KEYS-true}"
  fi
  # All but MinIO and local-kms forget what they stored, unless they are told to keep it.
  is_set PERSISTENCE LOCALSTACK_PERSISTENCE KMS_DATA_PATH COM_ADOBE_TESTING_S3MOCK_STORE_RETAIN_FILES_ON_EXIT \
    retainFilesOnExit MINIO_ROOT_USER MINIO_ROOT_USER_FILE || export PERSISTENCE=0
  exec s3kms-emu start --ready-line "${S3KMS_READY_LINE:-localstack}" "$@"
}

# Options of MinIO's that mean nothing here are passed over.
serve() {
  folder=/data port=9000
  while [ $# -gt 0 ]; do
    case "$1" in
      --address) port=${2##*:} && shift ;;
      --address=*) port=${1##*:} ;;
      --console-address | --certs-dir | -S | --config-dir | -C) shift ;;
      -*) ;;
      *) folder=${1%%\{*} ;;
    esac
    shift
  done
  export S3KMS_ALSO_LISTEN="${S3KMS_ALSO_LISTEN-$(others "$port")}" S3KMS_HOOKS=
  exec s3kms-emu start --host 0.0.0.0 --port "$port" --data-dir "$folder" --ready-line minio
}

[ "${1:-}" = minio ] && shift
case "${1:-}" in
  '' | -*) start "$@" ;;
  server) shift && serve "$@" ;;
  start) shift && start "$@" ;;
  *) command -v "$1" >/dev/null && exec "$@" || exec s3kms-emu "$@" ;;
esac
