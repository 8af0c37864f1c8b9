import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { DomainDisk } from "../../libvirt/domain.js";
import { unfit } from "../../libvirt/rules/disk-kind.js";
import { type Policy, placed } from "../../policy/policy.js";
import type { ResolvedDisk, ResolvedDomain } from "../fleet/resolve.js";
import { ADVICE } from "./advice.js";

/** A disk of a planned domain, and what may be done with it. */
export interface DiskChoice {
  readonly disk: DomainDisk;
  readonly resolved: ResolvedDisk;
  /** Why the disk is in no backup; absent: it is in all. */
  readonly leftOut?: string;
  /** Why no checkpoint may cover it; absent: each does. */
  readonly noCheckpoint?: string;
}

/**
 * Decides for every disk of a domain whether it is backed up and whether checkpoints cover it.
 * @param wantsCheckpoints whether the schedule has any level but full
 */
export function chooseDisks(
  policy: Policy,
  domain: ResolvedDomain,
  wantsCheckpoints: boolean,
): { choices: readonly DiskChoice[]; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const name = domain.facts.domain.name;
  const choices = domain.facts.domain.disks.map((disk, index): DiskChoice => {
    const resolved = domain.disks[index] as ResolvedDisk;
    const say = (finding: Omit<Diagnostic, "location" | "related">, pointer: string) =>
      diagnostics.push({
        ...finding,
        ...placed(policy, pointer),
        ...(disk.location && {
          related: [{ location: disk.location, message: `the disk "${disk.target}" of "${name}"` }],
        }),
      });

    if (resolved.selection === "excluded") return { disk, resolved, leftOut: "excluded by the policy" };

    const idle = needsNoBackup(disk);
    const why = unfit(disk);
    if (idle === undefined && why !== undefined) {
      say(
        {
          code: "TM402",
          severity: "error",
          message: `disk "${disk.target}" of "${name}" cannot be backed up: ${why}`,
          hint: `add "${disk.target}" to the domain's disks.exclude`,
        },
        resolved.origins.entry,
      );
      return { disk, resolved, leftOut: why };
    }
    if (idle !== undefined) {
      if (resolved.selection === "included") {
        say(
          {
            code: "TM402",
            severity: "error",
            message: `disk "${disk.target}" of "${name}" is included, but there is nothing to back up: ${idle}`,
            hint: "take it out of disks.include",
          },
          resolved.origins.entry,
        );
      } else if (disk.device === "disk") {
        say(
          {
            code: "TM309",
            severity: "warning",
            message: `disk "${disk.target}" of "${name}" is left out: ${idle}`,
            hint: `add it to disks.exclude to say that this is meant`,
          },
          resolved.origins.entry,
        );
      }
      return { disk, resolved, leftOut: idle };
    }

    const isStreamed = domain.settings.mode === "pull" && domain.settings.stream !== undefined;
    if (disk.encrypted && !isStreamed) {
      say(
        {
          code: "TM317",
          severity: "warning",
          message: `disk "${disk.target}" of "${name}" is encrypted, and its backup will not be: QEMU reads the disk as the guest does`,
          hint: "let the repository lie on storage that is encrypted, or stream the disk through a command that encrypts",
        },
        resolved.origins.entry,
      );
    }

    if (!wantsCheckpoints) return { disk, resolved, noCheckpoint: "the schedule has only fulls" };
    if (resolved.settings.checkpoint === false) {
      return { disk, resolved, noCheckpoint: "checkpoint: false in the policy" };
    }
    if (disk.format !== "qcow2") {
      const noCheckpoint = `its format is ${disk.format}, and only qcow2 keeps a bitmap`;
      if (resolved.settings.checkpoint === true) {
        say(
          {
            code: "TM402",
            severity: "error",
            message: `disk "${disk.target}" of "${name}" cannot take part in checkpoints: ${noCheckpoint}`,
            hint: ADVICE.TM413,
          },
          resolved.origins.of("checkpoint"),
        );
      } else {
        say(
          {
            code: "TM311",
            severity: "warning",
            message: `disk "${disk.target}" of "${name}" is copied whole by every run: ${noCheckpoint}`,
            hint: `set checkpoint: false for it if that is meant; or convert it to qcow2, with a raw data file (<dataStore>) since libvirt 10.10`,
          },
          resolved.origins.entry,
        );
      }
      return { disk, resolved, noCheckpoint };
    }
    if (disk.shareable) {
      const noCheckpoint = "others may write to it as well, unseen by a bitmap";
      say(
        {
          code: "TM435",
          severity: "error",
          message: `disk "${disk.target}" of "${name}" is shareable: ${noCheckpoint}`,
          hint: ADVICE.TM435,
        },
        resolved.origins.of("checkpoint"),
      );
      return { disk, resolved, noCheckpoint };
    }
    return { disk, resolved };
  });

  if (choices.every((choice) => choice.leftOut !== undefined)) {
    diagnostics.push({
      code: "TM303",
      severity: "error",
      message: `domain "${name}" has no disk to back up`,
      hint: choices.length
        ? choices.map(({ disk, leftOut }) => `${disk.target}: ${leftOut}`).join("; ")
        : "it has no disks at all; remove it from the policy",
      ...placed(policy, domain.origins.entry),
    });
  }
  return { choices, diagnostics };
}

/** What a backup leaves out without loss. */
function needsNoBackup(disk: DomainDisk): string | undefined {
  if (disk.source === undefined) return disk.device === "disk" ? "it has no source" : `empty ${disk.device}`;
  if (disk.device === "cdrom" || disk.device === "floppy") return disk.device;
  if (disk.readonly) return "read-only";
  if (disk.transient) return "transient: its changes are dropped when the domain stops";
  return undefined;
}
