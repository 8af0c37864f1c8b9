# Checksums: sha256 of what is in the repository. Where the processor has SHA instructions, openssl uses them, but the
# sha256sum of Debian 12 does not, and takes four times as long.
# Calls: locks (close_locks), messages (end_progress progress)
# Reads: nothing
# Sets: nothing

# The command that reads a file from its input and prints 64 hex digits and a space first.
declare -a CHECKSUM=(sha256sum)
# The checksums of files, by path.
declare -A SUM=()
# The paths whose checksums are being computed, and the descriptors of these files; 0: it cannot be read.
declare -a SUMMED=() SUMMED_FROM=()
# Since when they are being computed, the descriptor that their checksums come from, and the process that computes them.
declare -i SUMMED_SINCE=0
declare SUMS="" SUMMING=""

# choose_checksum: takes openssl where it is there and gives the checksum that "abc" has in FIPS 180-2; a build may refuse, and a
# configuration may change, what it prints. To be called once, before any subshell, which would forget the choice.
choose_checksum() {
  local known=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad printed
  printed=$(printf abc | openssl dgst -sha256 -r 2>/dev/null) || return 0
  [[ ${printed%% *} != "$known" ]] || CHECKSUM=(openssl dgst -sha256 -r)
}

# checksum: prints the checksum of its input, 64 hex digits; status 1 if it could not be read to its end
checksum() {
  local printed
  printed=$("${CHECKSUM[@]}") && is_sum "${printed%% *}" || return 1
  printf '%s' "${printed%% *}"
}

is_sum() { [[ $1 =~ ^[0-9a-f]{64}$ ]]; }

# sum_files PATH…: sets SUM of each path, as many at the same time as there are processors; empty where a file could not be read
sum_files() {
  begin_sums "$@"
  end_sums
}

# begin_sums PATH…: begins to compute the checksums while the script does something else; end_sums waits for them
begin_sums() {
  local path
  local -i file
  SUMMED=("$@") SUMMED_FROM=() SUMMED_SINCE=$SECONDS
  for path in "$@"; do
    SUM["$path"]="" file=0
    { exec {file}<"$path"; } 2>/dev/null || true
    SUMMED_FROM+=("$file")
  done
  exec {SUMS}< <(print_sums)
  SUMMING=$!
}

# stop_sums: ends what computes checksums, if the script ends before it has waited for them
stop_sums() { [[ ! $SUMMING ]] || kill -- "$SUMMING" 2>/dev/null || true; }

# end_sums: says meanwhile how far they are. A process that failed or was killed has printed no line, so the checksum of its file stays empty.
end_sums() {
  local part line="" file
  local -i status
  while :; do
    part="" status=0
    # After a second without a whole line, what there is of it is kept.
    read -r -t 1 part <&"$SUMS" || status=$?
    line+=$part
    if ((status > 128)); then
      say_sums
      continue
    fi
    ((status == 0)) || break
    SUM["${SUMMED[${line%% *}]}"]=${line#* } line=""
  done
  SUMMING=""
  end_progress
  for file in "$SUMS" "${SUMMED_FROM[@]}"; do
    ((file == 0)) || exec {file}<&-
  done
}

# say_sums: how far the checksums are. The process that reads a file shares the place in it with this one, which has opened it.
say_sums() {
  local file key value
  local -i part=0 total=0
  for file in "${SUMMED_FROM[@]}"; do
    ((file > 0)) || continue
    while read -r key value && [[ $key != pos: ]]; do :; done <"/proc/self/fdinfo/$file"
    part+=$value
    total+=$(stat -L -c %s -- "/proc/self/fd/$file")
  done
  progress "$part" "$total" "$SUMMED_SINCE" "checksums"
}

# print_sums: prints the place of each path and its checksum. Such a line is shorter than what a pipe takes at once, so lines of several
# processes are never mixed.
print_sums() {
  local sum
  local -i index running=0 most
  # If the run is killed, what still reads must not keep the next run from beginning.
  close_locks
  # With this each job has a process group of its own, so that one signal also ends what it has started.
  set -m
  trap 'for job in $(jobs -rp); do kill -- "-$job" 2>/dev/null || true; done; exit' TERM
  most=$(nproc 2>/dev/null) || most=1
  for ((index = 0; index < ${#SUMMED[@]}; index++)); do
    ((SUMMED_FROM[index] > 0)) || continue
    if ((running >= most)); then
      wait -n || true
      running+=-1
    fi
    { sum=$(checksum <&"${SUMMED_FROM[index]}") && printf '%d %s\n' "$index" "$sum"; } &
    running+=1
  done
  wait
}

loaded checksum
