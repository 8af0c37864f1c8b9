/** `12 MiB`, as `lib/messages.bash` has it. */
export function humanBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = bytes;
  while (value >= 10240 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Math.floor(value)} ${units[unit]}`;
}

/** `1 d 2 h` */
export function humanDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
  ] as const;
  return parts.flatMap(([count, unit]) => (count > 0 ? `${count} ${unit}` : [])).join(" ") || "0 min";
}
