# Bases: a disk reads changes since a checkpoint only if that checkpoint's run was verified and its bitmap is whole.

# choose_bases ARRAY: settles the base of every disk; a base that was verified and is now broken is drift
choose_bases() {
  local -n broken=$1
  local target base
  for target in "${DISKS[@]}"; do
    base=${BASE[$target]}
    [[ $base ]] || continue
    if has_manifest "$base" && [[ $(disk_field "$base" "$target" bitmap) == true ]]; then
      [[ $(bitmap_size "$base" "$target") ]] ||
        broken+=("disk $target: the checkpoint $base, or its bitmap, is gone (did QEMU crash, or another tool delete it?)")
    elif has_manifest "$base"; then
      # Such as a copy that was made while the domain was down: whole in itself, but no base.
      missing_base "$target" "$base" "has no checkpoint of this disk"
    else
      missing_base "$target" "$base" "was never completed"
    fi
  done
}

# missing_base TARGET BASE WHY: the run that should have made it failed; the policy's onMissingBase
missing_base() {
  local target=$1 planned=$2 why=$3 found
  [[ ! ${RUN[fallback]} ]] || return 0
  case ${ANSWER[missing-base]} in
    fail) refuse "disk $target: the base $planned $why" ;;
    full) take_fallback "base missing: $planned" ;;
    last-verified)
      found=$(last_verified "$target")
      if [[ $found ]]; then
        warning "disk $target: the base $planned $why; reading changes since $found, the last verified run"
        BASE[$target]=$found
        RUN[deviation]="base missing: $planned"
      else
        take_fallback "base missing: $planned, and no verified one is left"
      fi
      ;;
  esac
}

# last_verified TARGET: the newest restore point whose checkpoint can still be a base
last_verified() {
  local name found=""
  while IFS= read -r name; do
    [[ ${name: -16} < ${POINT[name]: -16} ]] || continue
    # An image cannot stand on a stream, nor a stream on an image.
    if is_streamed "$name"; then [[ ${STREAM[send]} ]] || continue; else [[ ! ${STREAM[send]} ]] || continue; fi
    [[ $(disk_field "$name" "$1" bitmap) == true && $(bitmap_size "$name" "$1") ]] && found=$name
  done < <(own_points)
  printf '%s' "$found"
}
