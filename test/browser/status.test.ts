import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Pages, startBrowser, violationsOf } from "./pages.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TIDEMARK = join(ROOT, "dist/bin/tidemark.js");
const scratch = mkdtempSync(join(tmpdir(), "tidemark-status-"));
const NAME = `a domain with a long name <b>&amp; ${"x".repeat(60)}`;

let browser: Browser;
let pages: Pages;
let page: string;

beforeAll(async () => {
  browser = await startBrowser();
  pages = new Pages(browser);
  page = status();
});
afterEach(() => pages.close());
afterAll(async () => {
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** The page of a repository with a domain that is well, one whose run failed, one with a deviation, and one that has nothing. */
function status(): string {
  const from = join(ROOT, "golden/carried-on/inventory/catalog/web");
  const xml = readFileSync(join(ROOT, "golden/carried-on/inventory/web.xml"), "utf8");
  const names = ["web", "failed", "none", NAME];
  mkdirSync(join(scratch, "inventory/domains"), { recursive: true });
  writeFileSync(join(scratch, "inventory/host.json"), '{ "libvirt": "9.0.0", "qemu": "7.2.22" }');
  writeFileSync(
    join(scratch, "policy.yaml"),
    readFileSync(join(ROOT, "golden/carried-on/policy.yaml"), "utf8")
      .replace("/var/backup/libvirt", join(scratch, "repository"))
      .replace("2026-12-02", "2026-11-29")
      .replace(/ {2}web:\n$/, '  "*": {}\n'),
  );
  for (const [index, name] of names.entries()) {
    const uuid = `6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b0${index}`;
    const escaped = name.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    writeFileSync(
      join(scratch, `inventory/domains/${index}.xml`),
      xml
        .replace(/<name>.*<\/name>/, `<name>${escaped}</name>`)
        .replace(/<uuid>.*<\/uuid>/, `<uuid>${uuid}</uuid>`)
        .replaceAll(/(?<=<source file=['"])[^'"]*/g, (path) => `${path}-${index}`),
    );
    if (name === "none") continue;
    for (const file of readdirSync(from)) {
      const folder = join(scratch, "repository", name, file.replace(".json", ""));
      mkdirSync(folder, { recursive: true });
      const manifest = JSON.parse(readFileSync(join(from, file), "utf8"));
      const isLast = file.includes("20261201");
      if (name === "failed" && isLast) rmSync(folder, { recursive: true });
      else {
        for (const disk of manifest.disks) {
          disk.size = 3;
          writeFileSync(join(folder, disk.image), "img");
        }
        writeFileSync(
          join(folder, "manifest.json"),
          JSON.stringify({
            ...manifest,
            domain: name,
            uuid,
            ...(name === NAME && isLast && { deviation: "base missing: nightly-20261130T010000Z" }),
          }),
        );
      }
    }
  }
  mkdirSync(join(scratch, "repository/failed/.tidemark"));
  writeFileSync(
    join(scratch, "repository/failed/.tidemark/outcomes"),
    `${JSON.stringify({ slot: "2026-12-01T01:00:00Z", outcome: "failed", exit: 1, at: "2026-12-01T01:00:05Z", step: "begin the backup", why: `libvirt refused ${"y".repeat(200)}` })}\n`,
  );
  const out = join(scratch, "status.html");
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [TIDEMARK, ...args], { cwd: scratch, encoding: "utf8" });
  const compiled = run("compile", "policy.yaml", "-o", "plan", "--inventory", "inventory");
  expect(compiled.status, compiled.stderr).toBe(0);
  const done = run("status", "plan", "--at", "2026-12-01T10:00", "-o", out);
  expect([done.stderr, done.status]).toEqual(["", 2]);
  return out;
}

it("shows the worst first, each with what is wrong and the slots that have come", async () => {
  const shown = await pages.open(page);
  expect(await shown.locator("h1").innerText()).toBe("Status of nightly");
  expect(await shown.locator("header").innerText()).toContain("4 domains: 2 alarms, 1 to look at.");
  expect(
    await shown.locator("section").evaluateAll((all) => all.map((each) => each.getAttribute("data-name"))),
  ).toEqual(["failed", "none", NAME, "web"]);
  const failed = shown.locator("section").first();
  expect(await failed.locator(".remarks").innerText()).toMatch(
    /^the run of 2026-12-01 02:00 failed with exit status 1 at "begin the backup": libvirt refused/,
  );
  expect(await failed.locator(".slots li").evaluateAll((all) => all.map((each) => each.className))).toEqual([
    "done full",
    "done incremental",
    "failed incremental",
  ]);
  await failed.locator("summary").click();
  expect(await failed.locator("tbody tr").count()).toBe(2);
});

it.each([
  ["light", "rgb(255, 255, 255)"],
  ["dark", "rgb(13, 17, 23)"],
] as const)("passes axe's rules of accessibility, %s", async (colorScheme, paper) => {
  const shown = await pages.open(page, { colorScheme });
  expect(await shown.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(paper);
  for (const summary of await shown.locator("summary").all()) await summary.click();
  expect(await violationsOf(shown)).toEqual([]);
});

it("fits into 400 pixels: only the table of restore points scrolls", async () => {
  const shown = await pages.open(page, { viewport: { width: 400, height: 800 } });
  for (const summary of await shown.locator("summary").all()) await summary.click();
  expect(await shown.evaluate("document.documentElement.scrollWidth")).toBe(400);
  const wide = await shown
    .locator("section, h2, li, dd")
    .evaluateAll((all) => all.filter((each) => each.getBoundingClientRect().right > 400).map(String));
  expect(wide).toEqual([]);
});

it("prints on white", async () => {
  const shown = await pages.open(page, { colorScheme: "dark" });
  await shown.emulateMedia({ media: "print", colorScheme: "dark" });
  expect(await shown.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
});
