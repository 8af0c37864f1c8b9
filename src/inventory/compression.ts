import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Methods by which the qemu-img of this host compresses; undefined if there is none. A build may lack zstd, and no output of
 * qemu-img says so, so it is asked to make an image with it (seen on QEMU 7.2).
 */
export function compressionHere(): readonly string[] | undefined {
  const folder = scratch();
  if (folder === undefined) return undefined;
  try {
    const makes = (method: string) => {
      const options = ["create", "-q", "-f", "qcow2", "-o", `compression_type=${method}`];
      const { status, error } = spawnSync("qemu-img", [...options, join(folder, method), "64K"], {
        stdio: "ignore",
        timeout: 10_000,
      });
      return error === undefined && status === 0;
    };
    const methods = ["zlib", "zstd"].filter(makes);
    return methods.length === 0 ? undefined : methods;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where nothing can be written, nobody is asked. */
function scratch(): string | undefined {
  try {
    return mkdtempSync(join(tmpdir(), "tidemark-"));
  } catch {
    return undefined;
  }
}
