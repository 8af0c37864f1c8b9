import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { XmlDocument } from "libxml2-wasm";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Pages, startBrowser, violationsOf } from "./pages.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TIDEMARK = join(ROOT, "dist/bin/tidemark.js");
const scratch = mkdtempSync(join(tmpdir(), "tidemark-browser-"));

let browser: Browser;
let pages: Pages;
const open: Pages["open"] = (...args) => pages.open(...args);
beforeAll(async () => {
  browser = await startBrowser();
  pages = new Pages(browser);
});
afterEach(() => pages.close());
afterAll(async () => {
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
});

function timeline(name: string, ...args: readonly string[]): string {
  const path = join(scratch, name);
  const done = spawnSync(process.execPath, [TIDEMARK, "timeline", ...args, "-o", path], { encoding: "utf8" });
  expect([done.stderr, done.status]).toEqual(["", 0]);
  return path;
}

const box = async (page: Page) =>
  (await page.locator(".lane").first().boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };

describe("the page", () => {
  it("says what lies under the pointer, and why", async () => {
    const page = await open(timeline("nightly.html", join(ROOT, "plans/nightly/policy.yaml")));
    const { x, y, width, height } = await box(page);
    const tip = page.locator("#tip");
    expect(await tip.isVisible()).toBe(false);
    // The first bar is the first full; it goes on to the end.
    await page.mouse.move(x + width / 2, y + height / 20);
    expect(await tip.innerText()).toBe(
      "full, 2026-12-01T02:00:00+01:00\nnightly-20261201T010000Z\n" +
        "vda: full (first run of this policy); vdb: full (checkpoint: false in the policy)\nkept: weekly (oldest)",
    );
    await page.mouse.move(x + width / 2, y - 40);
    expect(await tip.isVisible()).toBe(false);
  });

  it("is walked by keys, from the first restore point to the last", async () => {
    const page = await open(timeline("keys.html", join(ROOT, "plans/nightly/plan")));
    const plan = JSON.parse(readFileSync(join(ROOT, "plans/nightly/plan/plan.json"), "utf8"));
    const runs = plan.domains[0].runs as { point: string; localTime: string }[];
    await page.locator(".lane").first().focus();
    for (const { point } of runs) {
      await page.keyboard.press("ArrowRight");
      expect((await page.locator("#tip").innerText()).split("\n")[1]).toBe(point);
    }
    await page.keyboard.press("ArrowRight");
    expect(await page.locator("#tip").innerText()).toContain(runs.at(-1)?.point);
    await page.keyboard.press("Home");
    expect(await page.locator("#tip").innerText()).toContain(runs[0]?.point);
    await page.keyboard.press("Escape");
    expect(await page.locator("#tip").isVisible()).toBe(false);
  });

  it("has the same in a table, and finds domains by name", async () => {
    const page = await open(timeline("table.html", join(ROOT, "plans/nightly/plan")));
    await page.locator("details").first().click();
    await page.locator("table").first().waitFor();
    expect(await page.locator("table").first().locator("tbody tr").count()).toBe(14);
    expect(await page.locator("table tbody tr").nth(1).innerText()).toMatch(
      /nightly-20261202T010000Z[\s\S]*changes since the last run[\s\S]*deleted by the run of 2026-12-12T02:00:00\+01:00/,
    );
    await page.locator("#filter").fill("WEB");
    expect(await page.locator("section:visible h2").allInnerTexts()).toEqual([
      expect.stringMatching(/^web-1/),
    ]);
    expect(await page.locator("#count").innerText()).toBe("1 of 2 domains");
  });

  it.each(["light", "dark"] as const)("passes axe's rules of accessibility, %s", async (colorScheme) => {
    const page = await open(
      timeline("axe.html", join(ROOT, "golden/consolidate-with-differentials/policy.yaml")),
      {
        colorScheme,
      },
    );
    await page.locator("details").first().click();
    await page.locator("table").first().waitFor();
    await page.locator(".lane").first().focus();
    await page.keyboard.press("ArrowRight");
    expect(await violationsOf(page)).toEqual([]);
  });

  it("prints on white, without what only a screen can do", async () => {
    const page = await open(timeline("print.html", join(ROOT, "plans/nightly/plan")), {
      colorScheme: "dark",
    });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(13, 17, 23)");
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    expect(await page.locator("details, .filter").filter({ visible: true }).count()).toBe(0);
    expect((await page.pdf()).subarray(0, 5).toString()).toBe("%PDF-");
  });

  it("survives every legal name", async () => {
    const page = await open(timeline("names.html", join(ROOT, "golden/hard-names/policy.yaml")));
    const plan = JSON.parse(readFileSync(join(ROOT, "golden/hard-names/expected/plan.json"), "utf8"));
    const names = plan.domains.map(({ name }: { name: string }) => name);
    expect(
      await page.locator("section").evaluateAll((all) => all.map((each) => each.getAttribute("data-name"))),
    ).toEqual(names);
  });
});

describe("at both ends of its sizes", () => {
  it("one domain for one day", async () => {
    const page = await open(
      timeline(
        "day.html",
        join(ROOT, "plans/databases/policy.yaml"),
        "--until",
        "2026-12-02",
        "--domain",
        "db-1",
      ),
    );
    expect(await page.locator(".axis text").allTextContents()).toContain("12:00");
    expect(await page.locator("#filter").count()).toBe(0);
    await page.locator(".lane").focus();
    await page.keyboard.press("End");
    expect(await page.locator("#tip").innerText()).toMatch(/^incremental, 2026-12-01T18:15/);
  });

  it("a thousand domains for ninety days: every lane there, the last one answers, the picture is XML", async () => {
    const folder = join(scratch, "fleet");
    mkdirSync(folder);
    const domains = Array.from({ length: 1000 }, (_, index) => `vm-${String(index).padStart(4, "0")}`);
    writeFleet(folder, domains);
    const html = timeline("fleet.html", join(folder, "policy.yaml"));
    const svg = timeline("fleet.svg", join(folder, "policy.yaml"));
    const bare = domains.length * 90;
    // A restore point costs no more than what a bare line with its name and time would.
    expect(statSync(html).size / bare).toBeLessThan(120);
    expect(statSync(svg).size / bare).toBeLessThan(120);

    const page = await open(html);
    expect(await page.locator(".lane").count()).toBe(1000);
    const last = page.locator(".lane").last();
    await last.scrollIntoViewIfNeeded();
    const points = JSON.parse((await last.getAttribute("data-points")) ?? "[]");
    const [, , , row, x, end] = points.at(-1);
    const rows = Number(await last.getAttribute("data-rows"));
    const place = async () => {
      const { width, height } = (await last.boundingBox()) ?? { width: 0, height: 0 };
      return { x: (width * (x + end)) / 2 / 1200, y: (height * (row + 0.5)) / rows };
    };
    await last.hover({ position: await place() });
    await page.locator("#tip:visible").waitFor();
    expect(await page.locator("#tip").innerText()).toMatch(/^full, 2027-02-28T02:00/);
    await page.locator("#filter").fill("vm-0999");
    expect(await page.locator("section:visible").count()).toBe(1);

    const document = XmlDocument.fromString(readFileSync(svg, "utf8"), { url: "timeline.svg" });
    expect(document.find("//s:g[@role='img']", { s: "http://www.w3.org/2000/svg" })).toHaveLength(1000);
    document.dispose();
    const picture = await open(svg);
    expect(await picture.locator("g[role=img]").last().getAttribute("aria-label")).toMatch(/^vm-0999: /);
  });
});

describe("the picture", () => {
  it("has a text for each restore point, and looks at the reader's colours", async () => {
    const page = await open(join(ROOT, "plans/nightly/plan/timeline.svg"), { colorScheme: "dark" });
    expect(await page.locator("title").allTextContents()).toContain(
      "incremental, 2026-12-02T02:00:00+01:00\nnightly-20261202T010000Z\n" +
        "vda, vdb: incremental since nightly-20261201T010000Z (changes since the last run)\n" +
        "deleted by the run of 2026-12-12T02:00:00+01:00",
    );
    expect(await page.evaluate("getComputedStyle(document.querySelector('.paper')).fill")).toBe(
      "rgb(13, 17, 23)",
    );
  });
});

/** Domains that all differ, under one policy of ninety days. */
function writeFleet(folder: string, names: readonly string[]): void {
  mkdirSync(join(folder, "inventory/domains"), { recursive: true });
  writeFileSync(join(folder, "inventory/host.json"), '{ "libvirt": "9.0.0", "qemu": "7.2.22" }');
  for (const [index, name] of names.entries()) {
    const uuid = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
    writeFileSync(
      join(folder, "inventory/domains", `${name}.xml`),
      `<domain type='kvm'><name>${name}</name><uuid>${uuid}</uuid><devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/images/${name}'/><target dev='vda' bus='virtio'/></disk></devices></domain>`,
    );
  }
  writeFileSync(
    join(folder, "policy.yaml"),
    `version: 1
name: fleet
repository: /repository
horizon: { from: 2026-12-01, for: 90d }
schedule:
  - { level: full, at: "0 2 * * sun" }
  - { level: incremental, at: "0 2 * * mon-sat" }
retention: { keepLast: 3, keepDaily: 14, keepWeekly: 4 }
domains: { "*": {} }
`,
  );
}
