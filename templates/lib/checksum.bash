# Checksums: sha256 of what is in the repository. Where the processor has SHA instructions, openssl uses them, but the
# sha256sum of Debian 12 does not, and takes four times as long.
# Calls: locks (close_locks)
# Reads: nothing
# Sets: nothing

# The command that reads a file from its input and prints 64 hex digits and a space first.
declare -a CHECKSUM=(sha256sum)
# The checksums of files, by path; the paths whose checksums are being computed; and where these are read from.
declare -A SUM=()
declare -a SUMMED=()
declare SUMS=""

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
  SUMMED=("$@")
  for path in "$@"; do SUM["$path"]=""; done
  exec {SUMS}< <(print_sums "$@")
}

# A process that failed or was killed has printed no line, so the checksum of its file stays empty.
end_sums() {
  local sum
  local -i index
  while read -r index sum; do SUM["${SUMMED[index]}"]=$sum; done <&"$SUMS"
  exec {SUMS}<&-
}

# print_sums PATH…: prints the place of each path and its checksum. Such a line is shorter than what a pipe takes at once, so lines of
# several processes are never mixed.
print_sums() {
  local path sum
  local -i index=-1 running=0 most
  # If the run is killed, what still reads must not keep the next run from beginning.
  close_locks
  most=$(nproc 2>/dev/null) || most=1
  for path in "$@"; do
    index+=1
    if ((running >= most)); then
      wait -n || true
      running+=-1
    fi
    { sum=$(checksum <"$path") && printf '%d %s\n' "$index" "$sum"; } &
    running+=1
  done
  wait
}

loaded checksum
