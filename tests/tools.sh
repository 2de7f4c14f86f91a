#!/bin/sh
# Tools that tests need beside Python packages: a Chromium, poppler's pdfsig, zbar's zbarimg, openssl.
# Installed through apt-get where they are missing and it may; what cannot be had is a failure that names it.
set -eu
missing=""
have() { command -v "$1" >/dev/null 2>&1; }
have chromium || have chromium-browser || have google-chrome || missing="$missing chromium"
have pdfsig || missing="$missing poppler-utils"
have zbarimg || missing="$missing zbar-tools"
have openssl || missing="$missing openssl"
[ -z "$missing" ] && exit 0
if have apt-get && [ "$(id -u)" = 0 ]; then
    echo "installing:$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing fonts-liberation >/dev/null && exit 0
fi
echo "tests need these packages, please install them:$missing" >&2
exit 1
