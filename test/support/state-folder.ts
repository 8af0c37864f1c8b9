import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The scripts of these suites keep their marks in a folder of this run: a mark that an earlier run left would refuse its repository. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-state-"));
  process.env["STATE_DIRECTORY"] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
