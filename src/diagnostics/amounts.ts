const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `2.4 GiB`: three significant digits, like `human` in `lib/messages.bash`. */
export function humanBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  // A value that would be rounded to 1024 becomes 1 of the next unit.
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0))} ${UNITS[unit]}`;
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

/** `run` for one, otherwise `runs`. */
export function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}
