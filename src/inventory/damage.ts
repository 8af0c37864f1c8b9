/** What a capture found damaged in a domain's folder of the repository: `schemas/damage.schema.json`. */
export interface DamageFile {
  readonly formatVersion: "1.0";
  /** Manifests that cannot be taken for whole. */
  readonly manifests: readonly { readonly point: string; readonly fault: string }[];
  /** Images that are missing or cut short. */
  readonly images: readonly BrokenImage[];
}

/** An image that is missing or cut short: its restore point cannot be restored, nor what builds on it. */
export interface BrokenImage {
  readonly point: string;
  readonly target: string;
  /** The end of a sentence that begins with the image. */
  readonly fault: string;
}
