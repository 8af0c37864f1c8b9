import type { Rule } from "../rule.js";
import { checkpointName } from "../values.js";

/** libvirt keeps `<name>.xml` in a folder; 252 characters fail there, and the bitmap is made by then. */
export const MAX_CHECKPOINT_NAME = 200;

export const checkpointNameRule: Rule = {
  code: "TM401",
  page: `The name of a checkpoint consists of letters, digits, \`_\`, \`.\` and \`-\`, and does not begin with a dot. libvirt's schema
refuses any other, so that the name can be a file's.

It must also be short. libvirt saves the checkpoint as \`<name>.xml\`, by way of a temporary file with a longer name. From 252
characters on that fails, and only after QEMU has made the bitmap: the call ends in an error, and an orphan bitmap is left in
the image. Names of up to ${MAX_CHECKPOINT_NAME} characters are safe with every file system.`,
  source:
    "domaincheckpoint.rng, checkpointName; qemu_checkpoint.c:qemuCheckpointCreateFinalize; length: seen on libvirt 9.0",
  *breaches({ checkpoint }) {
    const name = checkpoint?.given.name;
    if (name === undefined) return;
    if (!checkpointName.allows(name)) {
      yield {
        message: `the checkpoint's name ${JSON.stringify(name)} holds what libvirt refuses`,
        hint: `use ${checkpointName.what}`,
        in: "checkpoint",
        part: "name",
      };
    } else if (name.length > MAX_CHECKPOINT_NAME) {
      yield {
        message: `the checkpoint's name is ${name.length} characters long, and libvirt cannot save more than ${MAX_CHECKPOINT_NAME} safely`,
        hint: "shorten the name",
        in: "checkpoint",
        part: "name",
      };
    }
  },
};
