import type { RuleCode } from "./index.js";

/** What a diagnostic of libvirt's rules means for a policy; the rules speak of documents only. Markdown; the page's last paragraph. */
export const IN_A_POLICY: Partial<Readonly<Record<RuleCode, string>>> = {
  TM401:
    "The name of a checkpoint in a plan is the policy's `name`, a dash and the slot. Shorten the policy's `name`.",
  TM402: "In a policy, `disks.exclude` leaves the disk out.",
  TM405: "In a policy, set `format: qcow2`, or `checkpoint: false` for a full in every run.",
  TM413: `In a policy, \`checkpoint: false\` says that every run is intended to copy the disk whole. If the policy does not set it for a
disk of another format, every run copies the disk whole as well, with a warning (TM311).`,
  TM415: "The names in a plan consist of policy and slot, so two runs never have the same name.",
  TM421: `If a planned run misses its base, the policy's \`onMissingBase\` decides: the run reads the changes since the last verified run,
takes a full, or fails.`,
  TM422:
    "In a plan each disk has its own level and base, so a new disk begins with a full while the other disks continue.",
  TM426: "In a policy, the attribute is `exportName`.",
  TM427: "In a policy, the attribute is `exportBitmap`.",
  TM428: "In a policy, put `{disk}` into the path of `target` or `scratch`.",
  TM430: "In a policy, `format` is qcow2 or raw, which every tool reads.",
  TM435: "In a policy, set `checkpoint: false`; every run then copies the disk whole.",
  TM436: `In a plan this is a warning, because the job will probably be done when the run begins. If it is not, the run fails and is
undone. Capture the inventory again when the job has ended.`,
  TM437: `A plan keeps one checkpoint on a disk, and one more if differentials need it. More checkpoints come from other programs, or
were never deleted.`,
};
