import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { HashThread } from "../../../src/repository/hash-thread.js";

let folder: string;
let thread: HashThread;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidemark-hash-"));
  thread = new HashThread();
});
afterEach(async () => {
  await thread.close();
  rmSync(folder, { recursive: true });
});

it("files of one piece, several and none have the checksums that node:crypto gives, and all their bytes are told", async () => {
  for (const size of [0, 1, 4 << 20, (9 << 20) + 5]) {
    const file = join(folder, String(size));
    const content = Buffer.alloc(size, `content of ${size}`);
    writeFileSync(file, content);
    let told = 0;
    const sum = await thread.sum(file, (bytes) => {
      told += bytes;
    });
    expect(sum).toBe(createHash("sha256").update(content).digest("hex"));
    expect(told).toBe(size);
  }
});

it("a file that cannot be read is an error, and the next one is read all the same", async () => {
  await expect(thread.sum(join(folder, "nothing"), () => {})).rejects.toThrow(/ENOENT/);
  await expect(thread.sum(folder, () => {})).rejects.toThrow(/EISDIR/);
  writeFileSync(join(folder, "a"), "a");
  await expect(thread.sum(join(folder, "a"), () => {})).resolves.toMatch(/^ca978112/);
});
