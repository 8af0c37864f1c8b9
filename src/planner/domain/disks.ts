import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { DomainDisk } from "../../libvirt/domain.js";
import { unfitness } from "../../libvirt/rules/disk-kind.js";
import { located, type Policy } from "../../policy/policy.js";
import type { ResolvedDisk, ResolvedDomain } from "../fleet/resolve.js";
import { ADVICE } from "./advice.js";

/** A disk of a planned domain, and whether it is backed up and covered by checkpoints. */
export type DiskChoice = LeftOutChoice | BackedUpChoice;

interface OfDisk {
  readonly disk: DomainDisk;
  readonly resolved: ResolvedDisk;
}

/** A disk that is in no backup. */
interface LeftOutChoice extends OfDisk {
  readonly backup: "none";
  readonly why: string;
}

export type BackedUpChoice =
  /** Each of its backups is a full, as no checkpoint may cover it. */
  | (OfDisk & { readonly backup: "whole"; readonly why: string })
  /** Each checkpoint covers it. */
  | (OfDisk & { readonly backup: "changes" });

export function isBackedUp(choice: DiskChoice): choice is BackedUpChoice {
  return choice.backup !== "none";
}

/** What a disk is chosen by. */
interface Question extends OfDisk {
  readonly policy: Policy;
  readonly domain: ResolvedDomain;
  /** Whether the schedule has any level but full. */
  readonly wantsCheckpoints: boolean;
}

interface Choice<T extends DiskChoice> {
  readonly choice: T;
  readonly diagnostics: readonly Diagnostic[];
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
  const { refused } = domain.facts;
  if (refused !== undefined) return { choices: noneOf(domain), diagnostics: refused };
  const chosen = domain.facts.domain.disks.map((disk, index) =>
    chooseDisk({ policy, domain, wantsCheckpoints, disk, resolved: domain.disks[index] as ResolvedDisk }),
  );
  const choices = chosen.map(({ choice }) => choice);
  const diagnostics = chosen.flatMap((each) => each.diagnostics);
  if (!choices.some(isBackedUp)) diagnostics.push(nothingToBackUp(policy, domain, choices));
  return { choices, diagnostics };
}

/** Of a domain whose names are refused nothing is backed up, whatever its policy says. */
function noneOf(domain: ResolvedDomain): DiskChoice[] {
  return domain.facts.domain.disks.map((disk, index) => ({
    disk,
    resolved: domain.disks[index] as ResolvedDisk,
    backup: "none",
    why: "its domain has a name that scripts and files cannot carry",
  }));
}

function chooseDisk(question: Question): Choice<DiskChoice> {
  const { disk, resolved } = question;
  const leave = (why: string, ...diagnostics: readonly Diagnostic[]): Choice<DiskChoice> => ({
    choice: { disk, resolved, backup: "none", why },
    diagnostics,
  });
  if (resolved.selection === "excluded") return leave("excluded by the policy");
  const idle = needsNoBackup(disk);
  if (idle !== undefined) return leave(idle, ...ofIdle(question, idle));
  const unfit = unfitness(disk);
  if (unfit !== undefined) return leave(unfit.why, cannotBackUp(question, unfit.why));
  const { choice, diagnostics } = chooseCheckpoint(question);
  return { choice, diagnostics: [...plainBackup(question), ...outOfReach(question), ...diagnostics] };
}

/** Whether checkpoints cover a disk that is backed up. */
function chooseCheckpoint(question: Question): Choice<BackedUpChoice> {
  const { disk, resolved, wantsCheckpoints } = question;
  const copy = (why: string, ...diagnostics: readonly Diagnostic[]): Choice<BackedUpChoice> => ({
    choice: { disk, resolved, backup: "whole", why },
    diagnostics,
  });
  if (!wantsCheckpoints) return copy("the schedule has only fulls");
  if (resolved.settings.checkpoint === false) return copy("checkpoint: false in the policy");
  if (disk.format !== "qcow2") {
    const why = `its format is ${disk.format}, and only qcow2 can keep a bitmap`;
    return copy(why, keepsNoBitmap(question, why, ADVICE.TM413, CONVERT));
  }
  if (question.domain.facts.evidence?.qcow2Version2?.includes(disk.target)) {
    const why = "its image has version 2 of qcow2, and only version 3 can keep a bitmap";
    const upgrade = `with the domain shut down, call qemu-img amend -f qcow2 -o compat=1.1 ${disk.source?.startsWith("/") ? disk.source : "IMAGE"}, then capture the inventory again`;
    return copy(why, keepsNoBitmap(question, why, upgrade, upgrade));
  }
  if (disk.shareable) {
    const why = "another domain may write to it, and its bitmap does not record those writes";
    return copy(why, isShared(question, why));
  }
  return { choice: { disk, resolved, backup: "changes" }, diagnostics: [] };
}

/** Why a disk needs no backup; undefined if it needs one. */
function needsNoBackup(disk: DomainDisk): string | undefined {
  if (disk.source === undefined) return disk.device === "disk" ? "it has no source" : `empty ${disk.device}`;
  if (disk.device === "cdrom") return disk.device;
  if (disk.device === "floppy")
    return "floppy, of which no backup is taken, although the guest may write to it";
  if (disk.readonly) return "read-only";
  if (disk.transient) return "transient: its changes are dropped when the domain stops";
  return undefined;
}

/** A finding about a disk at a place in the policy, with the disk's own place in the inventory. */
function finding(
  { policy, domain, disk }: Question,
  pointer: string,
  finding: Pick<Diagnostic, "code" | "severity" | "hint"> & { readonly says: string },
): Diagnostic {
  const { says, ...rest } = finding;
  const { name } = domain.facts.domain;
  const who = `disk "${disk.target}" of "${name}"`;
  return {
    ...rest,
    message: `${who} ${says}`,
    ...located(policy, pointer),
    ...(disk.location && { related: [{ location: disk.location, message: `the ${who}` }] }),
  };
}

function cannotBackUp(question: Question, why: string): Diagnostic {
  return finding(question, question.resolved.origins.entry, {
    code: "TM402",
    severity: "error",
    says: `cannot be backed up: ${why}`,
    hint: `add "${question.disk.target}" to the domain's disks.exclude`,
  });
}

function ofIdle(question: Question, idle: string): readonly Diagnostic[] {
  const { entry } = question.resolved.origins;
  if (question.resolved.selection === "included") {
    return [
      finding(question, entry, {
        code: "TM402",
        severity: "error",
        says: `is included, but has nothing to back up: ${idle}`,
        hint: "remove the disk from disks.include",
      }),
    ];
  }
  if (question.disk.device !== "disk") return [];
  return [
    finding(question, entry, {
      code: "TM309",
      severity: "warning",
      says: `is left out: ${idle}`,
      hint: "add it to disks.exclude to say that this is meant",
    }),
  ];
}

function plainBackup(question: Question): readonly Diagnostic[] {
  const { mode, stream } = question.domain.settings;
  if (!question.disk.encrypted || (mode === "pull" && stream !== undefined)) return [];
  return [
    finding(question, question.resolved.origins.entry, {
      code: "TM317",
      severity: "warning",
      says: "is encrypted, and its backup will not be: QEMU reads the disk as the guest does",
      hint: "keep the repository on encrypted storage, or stream the disk through a command that encrypts",
    }),
  ];
}

/** A disk that an offline copy (`templates/lib/offline.bash`) cannot read, which is asked for its domain (TM322). */
function outOfReach(question: Question): readonly Diagnostic[] {
  const { policy, domain, disk } = question;
  if ((domain.settings.onStopped ?? policy.onStopped) !== "offline-copy") return [];
  const why =
    disk.type === "network"
      ? "it is a network disk, which only QEMU reaches"
      : disk.encrypted
        ? "it is encrypted, and only QEMU has the key"
        : undefined;
  if (why === undefined) return [];
  const isOwn = domain.settings.onStopped !== undefined;
  return [
    finding(question, isOwn ? domain.origins.of("onStopped") : "/onStopped", {
      code: "TM322",
      severity: "error",
      says: `cannot be copied while the domain is stopped: ${why}`,
      hint: `set onStopped: skip for the domain, or add "${disk.target}" to its disks.exclude`,
    }),
  ];
}

const CONVERT =
  "set checkpoint: false for it if that is meant; or convert it to qcow2, with a raw data file (<dataStore>) since libvirt 10.10";

/**
 * @param wanted what to do where the policy wants checkpoints of the disk
 * @param open what to do where it leaves that open
 */
function keepsNoBitmap(question: Question, why: string, wanted: string, open: string): Diagnostic {
  const { settings, origins } = question.resolved;
  return settings.checkpoint === true
    ? finding(question, origins.of("checkpoint"), {
        code: "TM402",
        severity: "error",
        says: `cannot take part in checkpoints: ${why}`,
        hint: wanted,
      })
    : finding(question, origins.entry, {
        code: "TM311",
        severity: "warning",
        says: `is copied whole by every run: ${why}`,
        hint: open,
      });
}

function isShared(question: Question, why: string): Diagnostic {
  return finding(question, question.resolved.origins.of("checkpoint"), {
    code: "TM435",
    severity: "error",
    says: `is shareable: ${why}`,
    hint: ADVICE.TM435,
  });
}

function nothingToBackUp(
  policy: Policy,
  { facts, origins }: ResolvedDomain,
  choices: readonly DiskChoice[],
): Diagnostic {
  return {
    code: "TM303",
    severity: "error",
    message: `domain "${facts.domain.name}" has no disk to back up`,
    hint:
      choices.length > 0
        ? choices.flatMap((each) => (isBackedUp(each) ? [] : `${each.disk.target}: ${each.why}`)).join("; ")
        : "the domain has no disks; remove it from the policy",
    ...located(policy, origins.entry),
  };
}
