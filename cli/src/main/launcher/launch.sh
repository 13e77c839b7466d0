# How the tine command is started, from its source tree and from an unpacked archive alike: this is read by both launchers.
# The caller has set java_home, modules (the folder of the jars), and, for a fast start, cache (a file to be), lock (a file beside it) and training_log.

# While the process $1 lives: the text $2, with the seconds gone by if a person watches.
show_progress() {
  if [ ! -t 2 ]; then
    printf '%s\n' "$2" >&2
    wait "$1"
    return
  fi
  seconds=0
  while kill -0 "$1" 2>/dev/null; do
    printf '\r%s %ds' "$2" "$seconds" >&2
    sleep 1
    seconds=$((seconds + 1))
  done
  printf '\r\033[K' >&2
  wait "$1"
}

# Two at once would write the same files: the second waits, and then finds all done.
lock() {
  mkdir -p "${lock%/*}"
  exec 9>"$lock"
  if command -v flock >/dev/null; then
    flock 9
  fi
}

unlock() {
  mkdir -p "${lock%/*}"
  exec 9>&-
}

# What these commands load, as a cache of classes: they start in three quarters of the time. It fits one JDK and these jars only; the JVM itself notices if it
# does not, or is damaged, and goes on without.

# What a cache is for.
print_use() {
  cat "$java_home/release"
  printf '%s\n' "$java_home" "$modules"
}

# Whether there has been a try to make one for this JDK and these jars: one that failed is not repeated each time.
is_cached() {
  [ "$(print_use)" = "$(cat "$cache.for" 2>/dev/null)" ] && [ -z "$(find "$modules" -newer "$cache.for" 2>/dev/null | head -n 1)" ]
}

# A monitor and what asks it are small, and are to stay so: no collector threads, no optimising compiler; what requests of the warm-up leave dies
# young; memory that start-up needed once goes back after some seconds. The cache is mapped where it was made for, so that its pages stay shared, and its checksum is looked at.
options="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms4m -Xmn2m -XX:SurvivorRatio=1 -Xmx64m -Xss512k -XX:+UnlockDiagnosticVMOptions
  -XX:TrimNativeHeapInterval=5000 -XX:ArchiveRelocationMode=0 -XX:+VerifySharedSpaces -Xlog:aot*=off -Xlog:cds*=off
  --enable-native-access=dev.tine.sys"

# Runs `tine train`, whose JVM writes down at its end what it has loaded. Nobody needs to know if that fails.
make_cache() {
  own=$cache.$$
  # The jars of a build that comes in between are newer than this.
  print_use >"$own.for"
  # shellcheck disable=SC2086 # several words
  "$java_home/bin/java" "-XX:AOTCacheOutput=$own" $options -XX:-AOTRecordTraining --module-path "$modules" --module dev.tine.cli/dev.tine.cli.Tine train \
    >"$training_log" 2>&1 </dev/null 9>&- &
  training=$!
  trap 'kill "$training" 2>/dev/null || :; rm -f "$own" "$own".*; exit 130' INT TERM
  show_progress "$training" "preparing a fast start ..." || rm -f "$own"
  trap - INT TERM
  # Renamed, so that nobody meets half of one.
  if [ -f "$own" ]; then mv "$own" "$cache"; else rm -f "$cache"; fi
  mv "$own.for" "$cache.for"
  rm -f "$own".*
}

# Becomes the command; "$@" are its arguments. Without a cache (it is empty if there is no place for one) the command starts too.
launch() {
  if [ -n "$cache" ] && ! is_cached && [ -w "${cache%/*}" ]; then
    lock
    is_cached || make_cache
    unlock
  fi
  # shellcheck disable=SC2086 # several words
  exec "$java_home/bin/java" ${cache:+"-XX:AOTCache=$cache"} $options ${demo:+"-Dtine.demo.jar=$demo"} \
    --module-path "$modules" --module dev.tine.cli/dev.tine.cli.Tine "$@"
}
