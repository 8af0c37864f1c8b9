import type { Level } from "../policy/policy.js";
import type { Outcome } from "../repository/outcomes.js";

/** What the plan said, and what is there: `schemas/status.schema.json`. All times are instants, `YYYY-MM-DDTHH:MM:SSZ`. */
export interface Status {
  readonly formatVersion: "1.0";
  /** The time that the status is of. */
  readonly at: string;
  /** The plan that the restore points were compared with; absent if there was only a repository. */
  readonly plan?: PlanStatus;
  /** The worst first, then by name. */
  readonly domains: readonly DomainStatus[];
  /** Domains of the host that no entry of the policy names. */
  readonly unplanned: readonly string[];
  readonly summary: { readonly domains: number; readonly alarm: number; readonly attention: number };
}

export interface PlanStatus {
  readonly policy: string;
  readonly digest: string;
  readonly timezone: string;
  readonly from: string;
  readonly until: string;
}

/** How urgent a remark is: an alarm says that data is not protected as planned now. */
export type Grade = "alarm" | "attention";

export interface DomainStatus {
  readonly name: string;
  readonly uuid: string;
  readonly host?: string;
  readonly state: "well" | Grade;
  readonly remarks: readonly Remark[];
  /** The newest restore point; absent if there is none. */
  readonly last?: PointStatus;
  /** Seconds since the slot of the newest restore point. */
  readonly age?: number;
  /** What became of the slots that have come; absent without a plan. */
  readonly slots?: readonly SlotStatus[];
  /** The next run of the plan. */
  readonly next?: { readonly slot: string; readonly start: string; readonly level: Level };
  /** The newest run, if it failed; without a plan, too. */
  readonly failed?: Outcome;
  /** Whether a run is at work, or was interrupted. */
  readonly unfinished: boolean;
  /** Images that are read to restore a disk to the newest restore point, at most. */
  readonly chain: number;
  /** Bytes of the images of all restore points. */
  readonly bytes: number;
  /** Oldest slot first. */
  readonly points: readonly PointStatus[];
}

export interface Remark {
  readonly grade: Grade;
  readonly kind:
    | "no-restore-point"
    | "late"
    | "failed"
    | "damaged"
    | "broken"
    | "too-old"
    | "expired"
    | "ends-soon"
    | "missed"
    | "deviation"
    | "not-frozen"
    | "unfinished";
  readonly text: string;
}

export interface SlotStatus {
  readonly slot: string;
  readonly level: Level;
  /**
   * `done`: it has a restore point, or had one; `failed`: its run ended without one, and `why` says how; `skipped`: the domain did not run;
   * `missed`: no run was made; `due`: its run may still be at work; `gone`: it has no restore point now, nor would it by the plan, and
   * no record tells whether it had one.
   */
  readonly state: "done" | "failed" | "skipped" | "missed" | "due" | "gone";
  readonly why?: string;
}

export interface PointStatus {
  readonly point: string;
  readonly slot: string;
  readonly level: Level;
  /** When its manifest was written. */
  readonly finished: string;
  /** Bytes of its images. */
  readonly bytes: number;
  /** Why the run was not the planned one. */
  readonly deviation?: string;
  /** The level that the plan had, where the run made another. */
  readonly planned?: Level;
  readonly frozen?: boolean;
  readonly verified?: {
    readonly at: string;
    readonly checksums: boolean;
    readonly restorable: boolean;
  };
  /** The run that deletes it by the plan. */
  readonly end?: { readonly slot: string; readonly foldedInto?: string };
  /** What keeps it when the plan ends. */
  readonly keptBy?: readonly string[];
}
