import type { RuleCode } from "./index.js";

/** What a policy has to do with a finding of libvirt's rules, which speak of documents only. Markdown; the page's last paragraph. */
export const IN_A_POLICY: Partial<Readonly<Record<RuleCode, string>>> = {
  TM401: "In a policy the name of a checkpoint is the policy's `name`, a dash and the slot. Shorten `name`.",
  TM402: "In a policy `disks.exclude` leaves the disk out.",
  TM405: "In a policy `format: qcow2` makes such images, and `checkpoint: false` has every run take a full.",
  TM413: `In a policy \`checkpoint: false\` says that every run is meant to copy the disk whole. A disk of another format that the policy
says nothing of is copied so as well, with a warning (TM311).`,
  TM415: "The names of a plan hold policy and slot, so that two runs never share one.",
  TM421: `A planned run that misses its base does what the policy's \`onMissingBase\` says: it reads changes since the last verified
run, takes a full, or fails.`,
  TM422:
    "In a plan each disk has a level and a base of its own, so that a new disk begins with a full while the others go on.",
  TM426: "In a policy the attribute is `exportName`.",
  TM427: "In a policy the attribute is `exportBitmap`.",
  TM428: "In a policy `{disk}` in the path of `target` or `scratch` keeps the disks apart.",
  TM430: "A policy's `format` is qcow2 or raw, which everything reads.",
  TM435: "In a policy `checkpoint: false` has every run copy the disk whole.",
  TM436: `In a plan this is a warning: the job is likely to be over when the run comes. A run that meets it fails and is undone. Capture
the inventory again when the job has ended.`,
  TM437: `A plan keeps one checkpoint a disk, and one more where differentials need it, so that many come from elsewhere: from
checkpoints that nobody deletes.`,
};
