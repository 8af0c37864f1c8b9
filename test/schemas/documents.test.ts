import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { loadRelaxNg } from "../support/relaxng.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const validate = loadRelaxNg();

const documents = ["golden", "plans"]
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)),
  )
  .filter((path) => /\.(?:backup|checkpoint)\.xml$/.test(path))
  .sort();

it("there are documents of every kind to validate", () => {
  expect(documents.filter((path) => path.endsWith(".checkpoint.xml")).length).toBeGreaterThan(100);
  expect(documents.filter((path) => path.endsWith(".backup.xml")).length).toBeGreaterThan(200);
});

it("libvirt's RELAX NG accepts every compiled document", () => {
  const refused = documents.flatMap((path) => {
    const problem = validate(readFileSync(join(ROOT, path), "utf8"));
    return problem === undefined ? [] : `${path}: ${problem}`;
  });
  expect(refused).toEqual([]);
});

it.each([
  [
    "an attribute that push mode does not have",
    "<domainbackup mode='push'><disks><disk name='vda' exportname='x'/></disks></domainbackup>",
  ],
  ["no disks", "<domainbackup mode='push'><disks/></domainbackup>"],
  ["a name with a space", "<domaincheckpoint><name>a b</name></domaincheckpoint>"],
])("libvirt's RELAX NG refuses %s", (_, xml) => expect(validate(xml)).toBeDefined());
