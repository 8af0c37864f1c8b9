# A pin keeps a restore point, whatever the retention rules say: for good and with a reason, or until a time. The manifest holds it.
# Calls: files (refuse_linked_state), journal (instant_of), locks (lock_folder), manifest (has_manifest is_damaged manifest_form
#   read_manifest), marks (refuse_strange_folders), messages (need_tools note refuse title), ownership (take_umask), run
#   (wrong_usage), seal (put_manifest), state (fault)
# Reads: DOMAIN, MANIFEST, MANIFEST_FAULT, RUN
# Sets: MANIFEST, RUN

# pin_until TEXT: sets RUN[pin-until] to an instant: a time as date(1) reads it, or so many days or weeks from now (30d, 6w)
pin_until() {
  local text=$1 seconds
  [[ ! $text =~ ^([0-9]{1,4})([dw])$ ]] || if [[ ${BASH_REMATCH[2]} == d ]]; then text="${BASH_REMATCH[1]} days"; else text="${BASH_REMATCH[1]} weeks"; fi
  seconds=$(date -u -d "$text" +%s 2>/dev/null) || wrong_usage "--keep $1 is no time; write 2027-01-31, 30d or 6w"
  ((seconds > $(date +%s))) || wrong_usage "--keep $1 is over already"
  TZ=UTC printf -v 'RUN[pin-until]' '%(%Y-%m-%dT%H:%M:%SZ)T' "$seconds"
}

# pin_for REASON: sets RUN[pin-reason], which a manifest must be able to hold
pin_for() {
  RUN[pin-reason]=${1//[[:cntrl:]]/ }
  manifest_form pin.reason "string:${RUN[pin-reason]}" || wrong_usage "--pin takes a line of text"
}

# is_pinned POINT: whether its manifest says that it is to be kept, for ever or until a time that has not come
is_pinned() {
  local until
  read_manifest "$1" || return 1
  [[ ! ${MANIFEST["$1 pin.reason"]:-} ]] || return 0
  until=${MANIFEST["$1 pin.until"]:-}
  [[ $until && $until > $(instant_of -1) ]]
}

# change_pin POINT: writes the manifest of a restore point anew, with the pin of RUN, or without one. Nothing else
# of the restore point changes, and libvirt is not asked.
change_pin() {
  local point=$1 former said="is no longer pinned"
  [[ ! ${RUN[pin-until]} ]] || said="is pinned until ${RUN[pin-until]}"
  [[ ! ${RUN[pin-reason]} ]] || said="is pinned: ${RUN[pin-reason]}"
  need_tools flock
  take_umask
  refuse_strange_folders
  refuse_linked_state
  [[ -e ${DOMAIN[folder]}/$point ]] || refuse "there is no restore point $point in ${DOMAIN[folder]}; restore.sh --list prints those that there are"
  [[ ${RUN[dry]} ]] || lock_folder
  if is_damaged "$point"; then
    refuse "$MANIFEST_FAULT; $MEND_MANIFEST"
  elif ! has_manifest "$point"; then
    refuse "$point is not complete: it has no manifest"
  elif [[ -e ${DOMAIN[folder]}/$point/manifest.json.folded ]]; then
    refuse "a fold into $point did not end; the next run of a slot completes it"
  fi
  former=${MANIFEST["$point pin.reason"]:-}${MANIFEST["$point pin.until"]:-}
  if [[ $former == "${RUN[pin-reason]}${RUN[pin-until]}" ]]; then
    note "nothing to do: $point ${said/no longer/not}"
  elif [[ ${RUN[dry]} ]]; then
    note "dry run: $point would be written so that it $said"
  else
    MANIFEST["$point pin.reason"]=${RUN[pin-reason]} MANIFEST["$point pin.until"]=${RUN[pin-until]}
    replace_manifest "$point"
    title "$point $said"
    note "capture the inventory and compile the policy again, so that the plan knows it"
  fi
}

# replace_manifest POINT: writes the values of MANIFEST in the place of the manifest, as a whole or not at all
replace_manifest() {
  local folder=${DOMAIN[folder]}/$1
  put_manifest "$1" "$folder/manifest.json.part"
  fault "pin"
  mv -fT -- "$folder/manifest.json.part" "$folder/manifest.json"
  sync "$folder"
}

loaded pins
