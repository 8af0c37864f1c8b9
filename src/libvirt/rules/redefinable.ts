import type { Rule } from "../rule.js";

export const redefinableRule: Rule = {
  code: "TM438",
  page: `\`virsh checkpoint-create --redefine\` puts back a checkpoint that libvirt has lost. Its document needs the name and the
creation time. A parent that it names must be there, so parents are defined first; one that it leaves out makes the checkpoint
a root. A domain in the document must have the UUID of the domain it is defined for.

libvirt then believes what the document says of disks and bitmaps. Only \`--redefine-validate\` (libvirt 6.10, domain running)
looks whether the bitmaps are there; without it a checkpoint without bitmaps is taken, and fails the next backup.`,
  source:
    "checkpoint_conf.c:virDomainCheckpointDefParse, virDomainCheckpointRedefinePrep; each seen on libvirt 9.0",
  *breaches({ domain, checkpoint, checkpoints, redefine }) {
    if (!redefine || checkpoint === undefined) return;
    const { name, creationTime, parent, domain: within } = checkpoint.given;
    if (name === undefined)
      yield { message: "the checkpoint has no name", hint: "add the <name> it had", in: "checkpoint" };
    if (creationTime === undefined) {
      yield {
        message: "the checkpoint has no creation time",
        hint: "add <creationTime>, in seconds since 1970",
        in: "checkpoint",
      };
    }
    if (parent !== undefined && parent === name) {
      yield { message: "the checkpoint is its own parent", hint: "remove <parent>", in: "checkpoint" };
    } else if (parent !== undefined && !checkpoints.some((each) => each.name === parent)) {
      yield {
        message: `the checkpoint's parent "${parent}" is not among those of "${domain.name}"`,
        hint: "define the parent first, or remove <parent>",
        in: "checkpoint",
      };
    }
    const uuid = within?.children
      .find((child) => child.name === "uuid")
      ?.text.trim()
      .toLowerCase();
    if (uuid !== undefined && uuid !== domain.uuid) {
      yield {
        message: `the checkpoint is of the domain ${uuid}, and "${domain.name}" is ${domain.uuid}`,
        hint: "remove <domain> from the document",
        in: "checkpoint",
      };
    }
  },
};
