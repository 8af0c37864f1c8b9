import type { ImageFormat, Level, Mode } from "../policy/policy.js";

/** What a run leaves beside its images, written last: `schemas/manifest.schema.json`. */
export interface Manifest {
  readonly formatVersion: "1.0";
  readonly policy: string;
  /** The host that made it, where the policy names hosts. */
  readonly host?: string;
  readonly domain: string;
  readonly uuid: string;
  /** Name of the restore point, and of its checkpoint if it has one: `<policy>-<YYYYMMDDTHHMMSSZ>`. */
  readonly point: string;
  /** The slot's instant, `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly slot: string;
  readonly level: Level;
  readonly mode: Mode;
  /** Whether the run made a checkpoint; false when the domain was copied while stopped. */
  readonly checkpoint: boolean;
  readonly disks: readonly ManifestDisk[];
  /** Digest of the plan that ran, `sha256:…`. */
  readonly plan: string;
  /** When the manifest was written; an instant. */
  readonly finished: string;
  readonly tools: { readonly libvirt: string; readonly qemu: string };
  /** Why the run was not the planned one, if it was not: `base-missing`, `drift`. */
  readonly deviation?: string;
  /** The images went through these commands and are not here. */
  readonly stream?: { readonly receive: string; readonly delete?: string };
  /** When others were last folded into this one, and which, newest first. */
  readonly consolidated?: { readonly at: string; readonly of: readonly string[] };
  /** Domain XML at the time of the run: a file beside the manifest. */
  readonly domainXml: string;
}

/** One disk of a restore point, and the image that holds it. */
export interface ManifestDisk {
  readonly target: string;
  readonly level: Level;
  /** Restore point whose checkpoint the image reads changes since; null for a full. */
  readonly base: string | null;
  /** Whether the run's checkpoint has a bitmap on this disk, so that it can be a base. */
  readonly bitmap: boolean;
  /** Path of the image, relative to the manifest's folder (or absolute: block devices). */
  readonly image: string;
  readonly format: ImageFormat;
  /** Bytes. */
  readonly virtualSize: number;
  /** Length of the file in bytes. */
  readonly size: number;
  readonly sha256: string;
}
