import { renameSync, rmSync, writeFileSync } from "node:fs";

/** Writes a file whole, or the standard output. */
export function writeOut(text: string, out: string | undefined): void {
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  const part = `${out}.part`;
  try {
    writeFileSync(part, text);
    renameSync(part, out);
  } finally {
    rmSync(part, { force: true });
  }
}
