#!/usr/bin/env bash
# The steps of the action: larkspur.sh find | build | start | stop
#
# Inputs come in INPUT_... variables, never as text of the script: what a workflow passes on may be
# anybody's. Everything it makes is in one folder below RUNNER_TEMP.
set -euo pipefail

folder="$RUNNER_TEMP/larkspur"
program=larkspur
[ "${RUNNER_OS:-}" != Windows ] || program=larkspur.exe
binary="$folder/bin/$program"
source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

fail() {
  echo "::error title=Larkspur::$*"
  exit 1
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

# What the binary is made of, as a number: the key of the cache.
source_number() {
  cd "$source_folder"
  find Cargo.toml Cargo.lock crates -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | sha256 | cut -c1-16
}

# Whether a process goes on; one that ended and waits for a parent to notice does not.
goes_on() {
  kill -0 "$1" 2>/dev/null || return 1
  [[ $(ps -o stat= -p "$1" 2>/dev/null) != Z* ]]
}

find_binary() {
  if [ -f "$folder/pid" ] && goes_on "$(cat "$folder/pid")"; then
    fail "this job has a server; stop it before another one begins"
  fi
  mkdir -p "$folder/bin"
  if [ -n "$INPUT_PATH" ]; then
    [ -z "$INPUT_URL" ] || fail "path and url exclude each other"
    [ -x "$INPUT_PATH" ] || fail "path names $INPUT_PATH, which is no program"
    cp "$INPUT_PATH" "$binary"
  elif [ -n "$INPUT_URL" ]; then
    [ -n "$INPUT_SHA256" ] || fail "url needs sha256: what runs has to be what you chose"
    download
  else
    [ -f "$source_folder/Cargo.lock" ] || fail "no source beside this action: give it path or url"
    output build true
    output folder "$folder/bin"
    output source "$(source_number)"
  fi
}

download() {
  local loaded="$folder/download"
  curl --fail --silent --show-error --location --retry 3 --output "$loaded" "$INPUT_URL" ||
    fail "$INPUT_URL could not be downloaded"
  local sum
  sum=$(sha256 "$loaded" | cut -d' ' -f1)
  [ "$sum" = "$(tr '[:upper:]' '[:lower:]' <<<"$INPUT_SHA256")" ] || fail "$INPUT_URL has the SHA-256 $sum, not $INPUT_SHA256"
  case "$INPUT_URL" in
    *.tar.gz | *.tgz)
      mkdir -p "$folder/archive"
      tar -xzf "$loaded" -C "$folder/archive"
      local found
      found=$(find "$folder/archive" -type f -name "$program" | head -n 1)
      [ -n "$found" ] || fail "$INPUT_URL has no $program in it"
      mv "$found" "$binary"
      ;;
    *) mv "$loaded" "$binary" ;;
  esac
  chmod +x "$binary"
}

build() {
  command -v cargo >/dev/null || fail "no cargo here to build with: give the action path or url"
  echo "::group::cargo build"
  # Its own target folder: the one of the action's source may not be writable.
  CARGO_TARGET_DIR="$folder/target" cargo build --release --locked \
    --manifest-path "$source_folder/Cargo.toml" --package larkspur
  echo "::endgroup::"
  cp "$folder/target/release/$program" "$binary"
}

# A variable of the env file, which is written for shells.
value_of() (
  # shellcheck disable=SC1091
  . "$folder/env"
  printf '%s\n' "${!1-}"
)

start() {
  [ -x "$binary" ] || fail "no binary at $binary"
  "$binary" --version
  printf '%s\n' "$INPUT_CONFIG" >"$folder/larkspur.toml"
  # Each begins anew.
  rm -rf "$folder/env" "$folder/log" "$folder/data"
  # Whatever the environment sets for others is not for this server; nohup keeps it when this step ends.
  nohup env -u LARKSPUR_DATA -u LARKSPUR_DATABASE -u LARKSPUR_BLOBS -u LARKSPUR_MEMORY \
    "$binary" serve --config "$folder/larkspur.toml" --data "$folder/data" --listen "$INPUT_LISTEN" \
    --env-file "$folder/env" >"$folder/out" 2>>"$folder/log" </dev/null &
  local pid=$!
  echo "$pid" >"$folder/pid"
  local until=$((SECONDS + INPUT_WAIT_SECONDS))
  # The file appears, whole, once the server answers.
  until [ -s "$folder/env" ] && curl --noproxy '*' --fail --silent --output "$folder/health" "$(value_of LARKSPUR_URL)/healthz"; do
    if ! goes_on "$pid"; then
      cat "$folder/log"
      fail "the server did not start"
    fi
    if [ "$SECONDS" -ge "$until" ]; then
      cat "$folder/log"
      kill "$pid"
      fail "the server does not answer after $INPUT_WAIT_SECONDS seconds"
    fi
    sleep 0.1
  done
  # Before anything can print them.
  echo "::add-mask::$(value_of LARKSPUR_APP_SECRET)"
  echo "::add-mask::$(value_of LARKSPUR_ADMIN_TOKEN)"
  # All that the file names: what a sample workspace holds as well.
  local name
  while IFS='=' read -r name _; do
    printf '%s=%s\n' "$name" "$(value_of "$name")" >>"$GITHUB_ENV"
  done <"$folder/env"
  echo "LARKSPUR_BIN=$binary" >>"$GITHUB_ENV"
  echo "$folder/bin" >>"$GITHUB_PATH"
  output url "$(value_of LARKSPUR_URL)"
  output app-id "$(value_of LARKSPUR_APP_ID)"
  output binary "$binary"
  output env-file "$folder/env"
  output log-file "$folder/log"
  echo "Larkspur answers at $(value_of LARKSPUR_URL), process $pid"
}

stop() {
  [ -f "$folder/pid" ] || fail "no server was started in this job"
  local pid failed=0
  pid=$(cat "$folder/pid")
  if [ -n "$INPUT_FAIL_ON" ] && goes_on "$pid"; then
    "$binary" lint --env-file "$folder/env" --fail-on "$INPUT_FAIL_ON" || failed=$?
  fi
  if goes_on "$pid"; then
    kill "$pid"
    for _ in $(seq 300); do
      goes_on "$pid" || break
      sleep 0.1
    done
    ! goes_on "$pid" || kill -KILL "$pid"
  else
    echo "::warning title=Larkspur::the server had ended by itself"
  fi
  rm "$folder/pid"
  echo "::group::the server's log, its last $INPUT_LOG_LINES lines"
  # The log may quote what a request said: no line of it is a command to the runner.
  local word
  word="larkspur-$RANDOM$RANDOM$RANDOM"
  echo "::stop-commands::$word"
  tail -n "$INPUT_LOG_LINES" "$folder/log"
  echo "::$word::"
  echo "::endgroup::"
  [ "$failed" -eq 0 ] || fail "a reviewer would say something of at least $INPUT_FAIL_ON"
}

case "${1:-}" in
  find) find_binary ;;
  build) build ;;
  start) start ;;
  stop) stop ;;
  *) fail "larkspur.sh find | build | start | stop" ;;
esac
