# Copies: the programs that copy disks, side by side. The run says how far they are, holds them to the policy's time limit, and ends all of
# them where one fails.
# Calls: bandwidth (has_bandwidth), job (end_at_once), messages (die progress run)
# Reads: ANSWER, DISKS, NEED, RUN
# Sets: nothing

# By target: the process that copies the disk, its program, what it copies (nothing for the whole disk), and how many commands qemu-io
# was given for that.
declare -A COPYING=() COPIED_WITH=() COPIED_AS=() COPY_PARTS=()
# By target, of a disk that is copied in parts: where the part begins that is being copied, and its length, in hundredths of a percent.
declare -A COPY_FROM=() COPY_LENGTH=()
# The folder of what the programs print; bytes that disks have taken that are copied already; why the copy that was looked at last failed.
declare COPIES="" COPY_FAULT=""
declare -i COPIED=0

# limited COMMAND…: runs a command for at most the time that is left of the policy's time limit, which counts from the beginning of the
# copy. A command that hangs would otherwise keep the lock of the domain, and no later run could begin.
limited() {
  local -i left=$((ANSWER[time-limit] - SECONDS + RUN[copying]))
  if [[ ${RUN[dry]} ]]; then
    run "$@"
  else
    timeout --foreground --kill-after=10 "$((left > 0 ? left : 1))" "$@"
  fi
}

# copy_failed MESSAGE
copy_failed() {
  ((SECONDS - RUN[copying] < ANSWER[time-limit])) || die "the copy took longer than ${ANSWER[time-limit]} s"
  die "$@"
}

# copies_at_once: prints how many disks are copied at the same time. QEMU serves all of them in one thread, so that more than two gain nothing
# (bench/RESULTS.md), and take more from the guest. With a bandwidth it is one: what is left of the bandwidth when a disk is done could
# not be given to those that are being copied.
copies_at_once() { if has_bandwidth; then printf 1; else printf 2; fi; }

# start_copy TARGET INPUT COMMAND…: begins a program that copies the disk; await_copy waits for it
start_copy() {
  local target=$1 input=$2
  [[ $COPIES ]] || COPIES=$(mktemp -d)
  # It goes with this run, also where that is killed, and until it is gone it keeps the lock from the next run.
  # The files are opened before this function returns.
  {
    setpriv --pdeathsig KILL -- "${@:3}" &
    COPYING[$target]=$! COPIED_WITH[$target]=$3
  } <"$input" >"$COPIES/$target" 2>&1
}

# await_copy: waits for the end of a copy, the first of those that run, and sets REPLY to its target; if it has failed, the run fails
await_copy() {
  local target
  local -i status pause
  while :; do
    for target in "${DISKS[@]}"; do
      [[ ${COPYING[$target]:-} ]] || continue
      ! kill -0 "${COPYING[$target]}" 2>/dev/null || continue
      status=0
      wait "${COPYING[$target]}" 2>/dev/null || status=$?
      unset "COPYING[$target]"
      find_fault "$(<"$COPIES/$target")" "$status" "${COPIED_WITH[$target]}" ||
        copy_failed "${COPIED_AS[$target]:-the disk $target} could not be copied: $COPY_FAULT"
      COPIED+=${NEED[$target]:-0}
      REPLY=$target
      return
    done
    ((SECONDS - RUN[copying] < ANSWER[time-limit])) || copy_failed "the disks could not be copied"
    say_copies
    # A fiftieth of the time that the copy takes is not noticed.
    pause=$(((SECONDS - RUN[copying]) * 20))
    sleep "0.$(printf '%03d' $((pause < 20 ? 20 : pause > 500 ? 500 : pause)))"
  done
}

# say_copies: how far the copy is, all disks together
say_copies() {
  local target
  local -i total=0 copied=$COPIED
  for target in "${DISKS[@]}"; do
    total+=${NEED[$target]:-0}
    [[ ! ${COPYING[$target]:-} ]] || copied+=$((${NEED[$target]:-0} * $(copied_part "$target") / 10000))
  done
  progress "$copied" "$total" "${RUN[copying]}"
}

# copied_part TARGET: prints how much of it is copied, in hundredths of a percent. qemu-io asks for each command; qemu-img prints (12.34/100%).
copied_part() {
  local said
  local -i part=0
  said=$(<"$COPIES/$1")
  if ((${COPY_PARTS[$1]:-0} > 0)); then
    said=${said//[^>]/}
    part=$(((${#said} > 0 ? ${#said} - 1 : 0) * 10000 / COPY_PARTS[$1]))
  elif [[ $said =~ .*\(([0-9]+)\.([0-9][0-9])/100%\) ]]; then
    part=$((10#${BASH_REMATCH[1]}${BASH_REMATCH[2]}))
  fi
  printf '%d' $((${COPY_FROM[$1]:-0} + part * ${COPY_LENGTH[$1]:-10000} / 10000))
}

# end_copies: those that still run when the run ends
end_copies() {
  local target
  for target in "${!COPYING[@]}"; do end_at_once "${COPYING[$target]}"; done
  COPYING=()
  [[ ! $COPIES ]] || rm -rf -- "$COPIES"
}

# find_fault TEXT EXIT-STATUS PROGRAM: sets COPY_FAULT to why the program failed that printed this text; status 1 if it did
find_fault() {
  local said=${1//qemu-io> /}
  COPY_FAULT=""
  # Older releases of qemu-io succeed although a read has failed; a process that was killed has printed nothing.
  [[ $3 != qemu-io ]] && (($2 == 0)) || COPY_FAULT=$(grep -i -m 1 'failed\|error\|can.t' <<<"${said//$'\r'/$'\n'}") || (($2 == 0)) ||
    COPY_FAULT="$3 ended with exit status $2"
  [[ ! $COPY_FAULT ]]
}

loaded copies
