import type { Pin } from "../inventory/manifest.js";

/** `pinned until 2027-01-31T00:00:00Z`, `pinned: before the upgrade` */
export function pinText({ reason, until }: Pin): string {
  return reason === undefined ? `pinned until ${until}` : `pinned: ${reason}`;
}
