# Folding: a restore point takes in older ones that only it stands on, so that they can go. What it holds stays the same: a new
# image is written beside the old one, compared with it, and renamed over it. At every moment each image can be read.

folding_file() { printf '%s' "$(state_folder)/folding"; }

# consolidate "BECAUSE…" POINT FOLDED…: newest first; skipped while a restore point that made it due is missing
consolidate() {
  after_manifest "consolidate" || return 0
  local because into=$2
  if [[ ${RUN[dry]} ]]; then
    printf '  (fold into %s: %s)\n' "$into" "${*:3}"
    return
  fi
  for because in $1 "$into"; do
    has_manifest "$because" && continue
    note "nothing is folded: $because is missing, and without it the others are needed longer"
    return
  done
  fold_point "$into" "${@:3}"
}

# fold_point POINT FOLDED…: what goes wrong keeps more, never less
fold_point() {
  local into=$1 target base
  local -A onto=()
  shift
  while IFS= read -r target; do
    base=$(disk_field "$into" "$target" base)
    [[ $base && " $* " == *" $base "* ]] || continue
    is_sound "$into" "$target" || return 0
    while [[ $base && " $* " == *" $base "* ]]; do
      is_sound "$base" "$target" || return 0
      base=$(disk_field "$base" "$target" base)
    done
    onto[$target]=$base
  done < <(disk_targets "${DOMAIN[folder]}/$into/manifest.json")
  ((${#onto[@]} > 0)) || return 0
  has_space_to_fold "$into" "$@" || return 0
  log "fold $* into $into"
  printf '%s\n' "$into" >"$(folding_file)"
  sync "$(folding_file)"
  for target in "${!onto[@]}"; do
    if ! fold_image "$into" "$target" "${onto[$target]}"; then
      warning "$into could not be folded, and keeps what it stands on"
      finish_folding
      return 0
    fi
    fault "folded an image"
  done
  folded_manifest "$into" "$*" onto
  fault "folded the manifest"
  finish_folding
}

# is_sound POINT TARGET: the image is what was backed up; damage must not be folded into what is well
is_sound() {
  local image sum
  has_manifest "$1" || {
    warning "nothing is folded: $1 is missing"
    return 1
  }
  image=$(image_path "$1" "$2")
  sum=$(sha256sum <"$image") && [[ ${sum%% *} == "$(disk_field "$1" "$2" sha256)" ]] || {
    warning "nothing is folded: $image is not what was backed up (its checksum differs from the manifest's)"
    return 1
  }
}

# has_space_to_fold POINT…: the new image holds no more than all of them together
has_space_to_fold() {
  local name target folder
  local -i need=16777216 free
  for name in "$@"; do need+=$(point_bytes "$name"); done
  target=$(disk_targets "${DOMAIN[folder]}/$1/manifest.json" | sed -n 1p)
  folder=$(image_path "$1" "$target")
  free=$(df --output=avail -B1 -- "${folder%/*}" | tail -n 1)
  ((free >= need)) || {
    warning "nothing is folded: ${folder%/*} has $(human "$free") free, and this may need $(human "$need")"
    return 1
  }
}

# fold_image POINT TARGET BASE: the new image, on the base's or on nothing
fold_image() {
  local image new backing
  image=$(image_path "$1" "$2")
  new=$image.folded
  if [[ $3 ]]; then
    # Beside the old one, so that the relative names in it mean the same.
    backing=$(realpath -ms --relative-to="${image%/*}" -- "$(image_path "$3" "$2")")
    run cp --reflink=auto --sparse=always -- "$image" "$new" &&
      run qemu-img rebase -f qcow2 -F "$(disk_field "$3" "$2" format)" -b "$backing" -- "$new" || return 1
  else
    run qemu-img convert -f qcow2 -O qcow2 -- "$image" "$new" || return 1
  fi
  run qemu-img check -q -f qcow2 -- "$new" && run qemu-img compare -q -f qcow2 -F qcow2 -- "$image" "$new" && sync -d "$new"
}

# folded_manifest POINT "FOLDED…" ARRAY: the manifest that will be, complete before any image is renamed
folded_manifest() {
  local -n bases=$3
  local folder=${DOMAIN[folder]}/$1 line disk target name names="" full=yes
  while IFS= read -r target; do
    if [[ -v bases[$target] ]]; then [[ ! ${bases[$target]} ]] || full=""; else [[ ! $(disk_field "$1" "$target" base) ]] || full=""; fi
  done < <(disk_targets "$folder/manifest.json")
  for name in $2; do names+=${names:+,}$(json "$name"); done
  while IFS= read -r line; do
    target=""
    [[ $line =~ ^\ *\{\"target\":\"([A-Za-z0-9_:]*)\", ]] && target=${BASH_REMATCH[1]}
    if [[ $target && -v bases[$target] ]]; then
      [[ $line == *, ]] && name="," || name=""
      disk=$(folded_disk_json "$1" "$target" "${bases[$target]}") || die "the new image of $target could not be read"
      printf '    %s%s\n' "$disk" "$name"
    elif [[ $line == '  "level": '* && $full ]]; then
      printf '  "level": "full",\n'
    elif [[ $line == '  "consolidated": '* ]]; then
      continue
    elif [[ $line == '  "domainXml": '* ]]; then
      printf '  "consolidated": {"at":"%s","of":[%s]},\n%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$names" "$line"
    else
      printf '%s\n' "$line"
    fi
  done <"$folder/manifest.json" >"$folder/manifest.json.part"
  sync "$folder/manifest.json.part"
  mv -- "$folder/manifest.json.part" "$folder/manifest.json.folded"
  sync "$folder"
}

folded_disk_json() {
  local new base=null level sum
  new=$(image_path "$1" "$2").folded
  level=$(disk_field "$1" "$2" level)
  if [[ $3 ]]; then base=$(json "$3"); else level=full; fi
  sum=$(sha256sum <"$new") || return 1
  printf '{"target":"%s","level":"%s","base":%s,"bitmap":%s,"image":%s,"format":"qcow2","virtualSize":%s,"size":%s,"sha256":"%s"}' \
    "$2" "$level" "$base" "$(disk_field "$1" "$2" bitmap)" "$(json "$(disk_field "$1" "$2" image)")" \
    "$(disk_field "$1" "$2" virtualSize)" "$(stat -c %s -- "$new")" "${sum%% *}"
}

# finish_folding: once the new manifest is complete the renaming is completed; before that the new images are removed
finish_folding() {
  local into folder target image
  [[ -f $(folding_file) ]] || return 0
  into=$(<"$(folding_file)")
  folder=${DOMAIN[folder]}/$into
  if is_point_name "$into" && [[ -f $folder/manifest.json ]]; then
    while IFS= read -r target; do
      image=$(image_path "$into" "$target")
      [[ -e $image.folded ]] || continue
      if [[ -f $folder/manifest.json.folded ]]; then
        mv -fT -- "$image.folded" "$image"
        sync "${image%/*}"
        fault "renamed an image"
      else
        rm -f -- "$image.folded"
      fi
    done < <(disk_targets "$folder/manifest.json")
    if [[ -f $folder/manifest.json.folded ]]; then
      fault "renamed all"
      mv -fT -- "$folder/manifest.json.folded" "$folder/manifest.json"
      sync "$folder"
    fi
  fi
  rm -f -- "$(folding_file)"
  fault "folded"
}
