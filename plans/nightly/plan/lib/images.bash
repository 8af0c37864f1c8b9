# The images of a run: made before the job begins, each on its predecessor; checked when it has ended.

# virtual_size IMAGE: bytes
virtual_size() {
  qemu-img info -U -- "$1" | sed -n 's/^virtual size: .*(\([0-9]*\) bytes)$/\1/p'
}

# disk_size TARGET: bytes, as the guest sees the disk
disk_size() { v domblkinfo --device "$1" | sed -n 's/^Capacity: *//p'; }

# check_targets: no image may be in the way
check_targets() {
  local target
  local -a found=()
  for target in "${DISKS[@]}"; do
    [[ ${IMAGE_TYPE[$target]} == file && -e ${IMAGE[$target]} ]] && found+=("${IMAGE[$target]} is in the way: move it, or find out who made it")
    [[ ${IMAGE_TYPE[$target]} == block && ! -b ${IMAGE[$target]} ]] && found+=("there is no block device ${IMAGE[$target]}")
  done
  ((${#found[@]} == 0)) || refuse "${found[@]}"
}

# check_space: what the bitmaps say changed, or the whole disk; a tenth and 16 MiB more for what the guest writes meanwhile
check_space() {
  local target folder device
  local -i need
  local -A needed=() where=()
  for target in "${DISKS[@]}"; do
    [[ ${IMAGE_TYPE[$target]} == file ]] || continue
    [[ ${STREAM[send]} && ! ${BASE[$target]} ]] && continue
    need=$(disk_size "$target")
    if [[ ${BASE[$target]} ]]; then need=$(bitmap_size "${BASE[$target]}" "$target"); fi
    folder=${IMAGE[$target]%/*}
    while [[ ! -d $folder ]]; do folder=${folder%/*} folder=${folder:-/}; done
    device=$(stat -c %d -- "$folder")
    where[$device]=$folder
    needed[$device]=$((${needed[$device]:-16777216} + need + need / 10))
  done
  local -i free
  local -a lacking=()
  for device in "${!needed[@]}"; do
    free=$(df --output=avail -B1 -- "${where[$device]}" | tail -n 1)
    ((free >= needed[$device])) || lacking+=("${where[$device]} has $(human "$free") free, and this run may need $(human "${needed[$device]}")")
  done
  ((${#lacking[@]} == 0)) || refuse "${lacking[@]}"
}

# backing_of TARGET: the predecessor's image, relative to this one, so that a repository can be moved
backing_of() {
  local path
  path=$(image_path "${BASE[$1]}" "$1")
  if [[ ${IMAGE_TYPE[$1]} == block ]]; then printf '%s' "$path"; else realpath -ms --relative-to="${IMAGE[$1]%/*}" -- "$path"; fi
}

# backing_format TARGET
backing_format() { disk_field "${BASE[$1]}" "$1" format; }

# create_images: libvirt would name the live disk as an incremental's backing file; made here, it stands on its predecessor
create_images() {
  step "create the images" || return 0
  local target
  journal begin "${POINT[name]}"
  if [[ ! ${RUN[dry]} ]]; then
    mkdir -p -- "${DOMAIN[folder]}/${POINT[name]}"
    v dumpxml --inactive >"${DOMAIN[folder]}/${POINT[name]}/domain.xml"
  fi
  for target in "${DISKS[@]}"; do create_image "$target"; done
}

create_image() {
  local target=$1 image=${IMAGE[$1]}
  local -a backing=()
  local size="SIZE-OF-$target" unchecked=""
  if [[ ${STREAM[send]} ]]; then
    # A full needs no image; the predecessor of the others is not here, so qemu-img is not to look for it.
    if [[ ${LEVEL[$target]} == full ]]; then FORMAT[$target]=raw && return; fi
    FORMAT[$target]=qcow2 unchecked=-u
  fi
  if [[ ${RUN[dry]} ]]; then
    [[ ${BASE[$target]} ]] && backing=(-F qcow2 -b "IMAGE-OF-${BASE[$target]}")
  else
    size=$(disk_size "$target")
    [[ ${BASE[$target]} ]] && backing=(-F "$(backing_format "$target")" -b "$(backing_of "$target")")
    mkdir -p -- "${image%/*}"
    [[ ${IMAGE_TYPE[$target]} == file ]] && journal image "$image"
  fi
  run qemu-img create -q ${unchecked:+"$unchecked"} -f "${FORMAT[$target]}" "${backing[@]}" -- "$image" "$size"
  fault "create $target"
}

# verify_images: structure, backing file and size are what the plan says
verify_images() {
  step "verify the images" || return 0
  local target image want got
  # Streams are checked before they are sent.
  [[ ! ${STREAM[send]} ]] || return 0
  for target in "${DISKS[@]}"; do
    image=${IMAGE[$target]}
    [[ ${FORMAT[$target]} == raw ]] || run qemu-img check -q -f qcow2 -- "$image" || die "the image of $target is damaged: $image"
    [[ ${RUN[dry]} ]] && continue
    want=""
    [[ ${BASE[$target]} ]] && want=$(backing_of "$target")
    got=$(qemu-img info -f "${FORMAT[$target]}" -- "$image" | sed -n 's/^backing file: \(.*\)$/\1/p')
    got=${got%% (actual path: *}
    [[ $got == "$want" ]] || die "the image of $target stands on \"$got\", not on \"$want\""
    sync -d "$image"
  done
}
