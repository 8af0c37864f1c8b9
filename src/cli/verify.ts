import { humanBytes, plural } from "../diagnostics/amounts.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { readRepository, type StoredDomain } from "../repository/repository.js";
import { recordVerification } from "../repository/verified.js";
import { hasQemuImg, type Verification, verify } from "../repository/verify.js";
import { storedDomain } from "./domain-option.js";
import type { ExitStatus } from "./exit-status.js";
import { Progress } from "./progress.js";
import { report } from "./report.js";
import { fit, terminalWidth } from "./terminal.js";

interface VerifyCommandOptions {
  readonly domain?: string;
  readonly quick?: boolean;
  readonly record: boolean;
  readonly format: "text" | "json" | "github";
}

/** `tidemark verify`: compares every image of a repository with its manifest, and checks every chain. */
export async function verifyCommand(root: string, options: VerifyCommandOptions): Promise<ExitStatus> {
  const { repository, diagnostics: read } = readRepository(root);
  const diagnostics: Diagnostic[] = [...read];
  let domains: readonly StoredDomain[] = repository.domains;
  if (options.domain !== undefined && domains.length > 0) {
    const { chosen, diagnostics: unclear } = storedDomain(domains, options.domain);
    domains = chosen === undefined ? [] : [chosen];
    diagnostics.push(...unclear);
  }
  if (domains.length > 0 && !(await hasQemuImg())) {
    diagnostics.push({
      code: "TM510",
      severity: "error",
      message: "qemu-img cannot be run; without it no image can be checked",
      hint: "install qemu-img (Debian: qemu-utils, Fedora: qemu-img)",
    });
    report(diagnostics, options.format);
    return 1;
  }
  const begun = new Date().toISOString().replace(/\.\d+/, "");
  const progress = new Progress("bytes");
  const verification = await verify(
    { domains },
    {
      ...(options.quick !== undefined && { quick: options.quick }),
      onProgress: (done, total) => progress.update(done, total),
    },
  );
  progress.end();
  diagnostics.push(
    ...verification.domains.flatMap((domain) =>
      domain.points.flatMap((point) => [...point.problems, ...point.disks.flatMap((disk) => disk.problems)]),
    ),
  );
  if (options.record) diagnostics.push(...recordVerification(verification, domains, begun));
  report(diagnostics, options.format);
  // There is nothing to count if nothing could be read.
  if (domains.length === 0 && options.format !== "json") return 1;
  process.stdout.write(
    options.format === "json"
      ? `${JSON.stringify(verification, null, 2)}\n`
      : fit(asText(verification), terminalWidth()),
  );
  return hasErrors(diagnostics) ? 1 : 0;
}

function asText({ domains, summary, checksums }: Verification): string {
  const lines = domains.flatMap(({ name, points }) => [
    name,
    ...points.map((point) => {
      const images = Math.max(...point.disks.map((disk) => disk.chain));
      const bytes = point.disks.reduce((sum, disk) => sum + disk.bytes, 0);
      return `  ${point.restorable ? "ok     " : "BROKEN "} ${point.point}  ${point.level.padEnd(12)}  ${humanBytes(bytes)}, ${images} ${plural(images, "image")} to restore`;
    }),
  ]);
  lines.push(
    `${summary.restorable} of ${summary.points} restore points can be restored; ${summary.images} images, ${humanBytes(summary.bytes)}${checksums ? "" : ", checksums not compared"}`,
  );
  return `${lines.join("\n")}\n`;
}
