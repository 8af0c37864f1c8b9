# Modes, owner and group of the files that a run writes, by `permissions` of the policy. On most hosts QEMU, which writes the images,
# runs as another user, who must be able to pass through the folders.
# Calls: messages (die)
# Reads: DISKS, EVIDENCE, IMAGE, IMAGE_TYPE, SETTING
# Sets: nothing

# take_umask: lets all files and folders that the run makes have the modes of the policy
take_umask() { umask "$(printf '%04o' $((0777 & ~8#${SETTING[folder-mode]})))"; }

# make_folder FOLDER: makes a folder with its parents; QEMU may pass through each new one
make_folder() {
  local folder=$1
  local -a missing=()
  while [[ ! -d $folder ]]; do
    missing=("$folder" "${missing[@]}")
    folder=${folder%/*} folder=${folder:-/}
  done
  mkdir -p -- "$1"
  for folder in "${missing[@]}"; do
    give "$folder"
    [[ ${SETTING[group]} ]] || open_to_qemu "$folder"
  done
}

# open_to_qemu FOLDER: lets the group of the domain's QEMU pass through; if that is not possible, everybody who knows the name
open_to_qemu() {
  local group=""
  [[ ! ${EVIDENCE["process pid"]:-} ]] || group=$(stat -c %g -- "/proc/${EVIDENCE["process pid"]}" 2>/dev/null) || group=""
  [[ $group ]] && chgrp -- "$group" "$1" 2>/dev/null || chmod o+x -- "$1"
}

# give PATH…: sets the owner and the group of the policy
give() {
  [[ ! ${SETTING[owner]}${SETTING[group]} ]] ||
    chown -h -- "${SETTING[owner]}${SETTING[group]:+:${SETTING[group]}}" "$@" ||
    die "the files of the run cannot be given to ${SETTING[owner]}${SETTING[group]:+:${SETTING[group]}}: run as root, or correct permissions in the policy"
}

# give_point FOLDER: sets modes, owner and group of the files of a restore point, before its manifest is written
give_point() {
  local file target
  local -a files=()
  for file in "$1"/*; do files+=("$file"); done
  for target in "${DISKS[@]}"; do
    [[ ${IMAGE_TYPE[$target]} != file || ! -f ${IMAGE[$target]} || ${IMAGE[$target]} == "$1"/* ]] || files+=("${IMAGE[$target]}")
  done
  for file in "${files[@]}"; do
    # libvirt gives an image back to root with the mode that it was made with.
    [[ ! -f $file || -L $file ]] || chmod -- "${SETTING[file-mode]}" "$file"
  done
  give "${files[@]}"
}

loaded ownership
