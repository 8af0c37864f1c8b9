import type { Rule } from "../rule.js";

export const checkpointTakenRule: Rule = {
  code: "TM415",
  page: `A domain cannot have two checkpoints of the same name. If libvirt has lost a checkpoint and its bitmap is still in the image, the name
is taken as well: QEMU says “Bitmap already exists”. \`qemu-img info\` shows such orphan bitmaps. \`tidemark redefine\` makes checkpoints
of them again, and \`qemu-img bitmap --remove IMAGE NAME\` removes one while the domain is stopped.`,
  source: "virdomainmomentobjlist.c (“already exists”); orphan bitmap: seen on libvirt 9.0",
  *breaches({ domain, checkpoint, checkpoints }) {
    const name = checkpoint?.given.name;
    if (!checkpoints.some((each) => each.name === name)) return;
    yield {
      message: `the domain "${domain.name}" already has a checkpoint "${name}"`,
      hint: "choose another name, or delete that checkpoint with virsh checkpoint-delete",
      in: "checkpoint",
      part: "name",
    };
  },
};
