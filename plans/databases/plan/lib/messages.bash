# What a run says: to a person on a terminal, in plain lines anywhere else.

# What virsh, qemu-img and df say is read here: a host's language must not make a running domain one that seems not to run
# (in German virsh says "laufend"). It also makes A-Z mean the letters of ASCII.
export LC_ALL=C

log() { printf '%s  %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"; }
title() { log "$@"; }
note() { log "note: $*"; }
warning() { log "warning: $*" >&2; }
error() { log "error: $*" >&2; }

# die MESSAGE: the run failed and is undone
die() {
  error "$@"
  exit 1
}

# refuse MESSAGE…: one line an assumption that broke; nothing has been touched
refuse() {
  local reason
  for reason in "$@"; do error "$reason"; done
  exit 3
}

busy() {
  error "$@"
  exit 4
}

need_tools() {
  local tool missing=()
  for tool in "$@"; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  ((${#missing[@]} == 0)) || refuse "not installed: ${missing[*]}"
}

# run COMMAND…: runs it, or in a dry run prints it as it could be typed
run() {
  if [[ ${RUN[dry]} ]]; then
    local -a shown=("$@")
    [[ $1 == v ]] && shown=("${VIRSH[@]}" "$2" --domain "${DOMAIN[uuid]}" "${@:3}")
    printf '  %s\n' "$(typed "${shown[@]}")"
  else
    "$@"
  fi
}

# typed WORD…: as a person would type it
typed() {
  local word text=""
  for word in "$@"; do
    [[ $word =~ ^[A-Za-z0-9_@%+=:,./-]+$ ]] || word=${word@Q}
    text+=" $word"
  done
  printf '%s' "${text# }"
}

# say_horizon [SECONDS]: a plan ends; whoever reads the log hears of it in time
say_horizon() {
  local now from until
  now=${1:-$(date +%s)}
  from=$(date -d "${PLAN[from]}" +%s)
  until=$(date -d "${PLAN[until]}" +%s)
  if is_expired "$now"; then
    warning "the plan has expired on ${PLAN[until]}: compile the policy again"
  elif ((now >= from && (until - now) * 5 < until - from)); then
    warning "the plan ends on ${PLAN[until]}: compile the policy again before that"
  fi
}

# is_expired SECONDS
is_expired() { (($1 >= $(date -d "${PLAN[until]}" +%s))); }

# human BYTES: three significant digits
human() {
  local -i bytes=$1 size=1 step=1 hundredths
  local unit text
  for unit in B KiB MiB GiB TiB; do
    # What would be rounded to 1024 is one of the next.
    if ((2 * bytes < 2047 * size)) || [[ $unit == TiB ]]; then break; fi
    size=$((size * 1024))
  done
  # Below ten hundredths are told apart, below a hundred tenths.
  if ((20 * bytes >= 1999 * size)); then step=100; elif ((200 * bytes >= 1999 * size)); then step=10; fi
  hundredths=$(((200 * bytes + step * size) / (2 * step * size)))
  hundredths=$((hundredths * step))
  printf -v text '%d.%02d' $((hundredths / 100)) $((hundredths % 100))
  text=${text%0}
  text=${text%0}
  printf '%s %s' "${text%.}" "$unit"
}

# progress DONE TOTAL STARTED: a line that stays on a terminal, a line each tenth in a log
declare -i PROGRESS_TENTH=-1
progress() {
  local -i part=$1 total=$2 seconds=$((SECONDS - $3)) percent rate
  percent=$((total > 0 ? part * 100 / total : 0))
  rate=$((seconds > 0 ? part / seconds : part))
  local text
  text="$percent % of $(human "$total"), $(human "$rate")/s"
  ((rate > 0 && part < total)) && text+=", about $(((total - part) / rate)) s left"
  if [[ -t 1 && ${RUN[progress]} != no ]]; then
    printf '\r\033[K  %s' "$text"
  elif ((percent / 10 > PROGRESS_TENTH)); then
    PROGRESS_TENTH=$((percent / 10))
    log "  $text"
  fi
}

end_progress() {
  PROGRESS_TENTH=-1
  [[ -t 1 && ${RUN[progress]} != no ]] && printf '\n'
  return 0
}
