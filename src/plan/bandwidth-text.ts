import { humanBytes } from "../diagnostics/amounts.js";
import type { Bandwidth } from "../policy/bandwidth.js";

/** A bandwidth for people: `80 MiB/s`, or `20 MiB/s mon-fri 08:00-18:00, otherwise unlimited`. */
export function bandwidthText(bandwidth: Bandwidth): string {
  if (typeof bandwidth === "number") return `${humanBytes(bandwidth)}/s`;
  const windows = bandwidth.map(({ weekdays = [], hours = [], limit }) => {
    const when = [weekdays.join(","), hours.join(",")].filter(Boolean).join(" ");
    return `${limit === undefined ? "unlimited" : `${humanBytes(limit)}/s`} ${when}`;
  });
  return `${windows.join(", ")}, otherwise unlimited`;
}
