import { writeCheckpoint } from "../libvirt/write.js";
import type { LostCheckpoint } from "../repository/redefine.js";
import { template } from "../templates/template.js";
import { comment, quote } from "./shell.js";
import type { PlanFile } from "./staging.js";

interface RedefineView {
  readonly domain: string;
  readonly uuid: string;
  readonly newest: string;
  readonly owners: readonly string[];
  readonly checkpoints: readonly (LostCheckpoint & { readonly file: string })[];
  /** Images of all these disks. */
  readonly images: readonly string[];
  readonly comment: typeof comment;
}

const redefineTemplate = template<RedefineView>("redefine.sh", quote);

/**
 * A document for each checkpoint, numbered in the order in which they are defined, and the script that defines them.
 */
export function redefineFiles(
  domain: { readonly name: string; readonly uuid: string },
  lost: readonly LostCheckpoint[],
  newest: string,
): readonly PlanFile[] {
  const digits = String(lost.length).length;
  const checkpoints = lost.map((each, index) => ({
    ...each,
    file: `${String(index + 1).padStart(digits, "0")}-${each.checkpoint.name}.xml`,
  }));
  const images = [...new Set(lost.flatMap((each) => each.images.map(({ path }) => path)))].sort();
  const owners = [...new Set([newest, ...lost.map(({ checkpoint }) => checkpoint.name)].map(ownerOf))].sort();
  return [
    ...checkpoints.map(({ file, checkpoint }) => ({ path: file, text: writeCheckpoint(checkpoint) })),
    {
      path: "redefine.sh",
      text: redefineTemplate({
        domain: domain.name,
        uuid: domain.uuid,
        newest,
        owners,
        checkpoints,
        images,
        comment,
      }),
      executable: true,
    },
  ];
}

/** The name of the policy in the name of a restore point. */
function ownerOf(point: string): string {
  return point.slice(0, -"-YYYYMMDDTHHMMSSZ".length);
}
