import type { Command } from "commander";
import { explained } from "../help.js";
import { type Action, format, horizon } from "./options.js";

/** Commands from a host to a policy, and from a policy to a plan. */
export function policyCommands(program: Command, action: Action): void {
  explained(
    program
      .command("init")
      .description("write a first inventory, and a commented policy that protects every domain of a host")
      .option("-c, --connect <uri>", "libvirt connection, may be remote (default: virsh's default)")
      .option(
        "--xml <dir>",
        "instead of a connection: a folder of domain XML, or an inventory that was captured before",
      )
      .option("--libvirt <version>", "with --xml: the host's libvirt version, if the folder has no host.json")
      .option("--qemu <version>", "with --xml: the host's QEMU version, if the folder has no host.json")
      .option("-o, --out <dir>", "folder for policy.yaml and the inventory", ".")
      .option("--name <name>", "the policy's name")
      .option("--repository <dir>", "folder on the host for the backups")
      .option("--timezone <zone>", "time zone of the schedule")
      .option("--time <hh:mm>", "time of the nightly run")
      .option("--keep-daily <number>", "days to keep")
      .option("--keep-weekly <number>", "weeks to keep")
      .option("--keep-monthly <number>", "months to keep")
      .option("-y, --yes", "ask nothing, take the proposed answers")
      .addOption(format()),
    {
      notes: [
        "On a terminal the command asks for each value that no option gives, unless --format is set for a program. It overwrites no file. The policy excludes by name each disk that libvirt cannot back up, with the reason beside it.",
      ],
      exit: "0 written; 1 error, no policy is written",
      examples: [
        "tidemark init -c qemu:///system",
        "tidemark init --yes --repository /srv/backup \\\n  --timezone Europe/Berlin -o backup",
        "tidemark init --yes --xml inventory -o copy --format json",
      ],
    },
  ).action(action(async () => (await import("../init.js")).initCommand));

  explained(
    program
      .command("inventory")
      .description(
        "capture what a plan is compiled from, with virsh: versions, domains, checkpoints, restore points",
      )
      .argument("[domain...]", "only these domains")
      .option("-c, --connect <uri>", "libvirt connection, may be remote (default: virsh's default)")
      .option("-o, --out <dir>", "folder of the inventory", "inventory")
      .option(
        "--repository <dir>",
        "also copy the manifests of the policy's repository, so that the next plan continues from there",
      )
      .option("--manifests-only", "the repository is a copy of its manifests: do not look for images in it")
      .option("--policy <file>", "capture the hosts of this policy, each from its uri into its folder")
      .option("--host <name...>", "with --policy: only these hosts; names or globs")
      .option("--sizes", "also ask how much has changed since each checkpoint, for the forecast")
      .addOption(format()),
    {
      notes: [
        "Secrets are not read. Ids and other values that change by themselves are left out, so that the folder changes in git only where the host changes. Files of domains, checkpoints and restore points that no longer exist are removed. But if the repository has no restore point at all, for example because it is not mounted, the known manifests stay.",
      ],
      exit: "0 captured; 1 error, the folder of a host that did not answer is not changed",
      examples: [
        "tidemark inventory -c qemu:///system --repository /var/backup/libvirt",
        "tidemark inventory -c qemu+ssh://root@host/system \\\n  -o hosts/host/inventory web-1 mail",
        "tidemark inventory --policy fleet.yaml --host 'kvm-*'",
      ],
    },
  ).action(action(async () => (await import("../inventory.js")).inventoryCommand));

  explained(
    horizon(
      program
        .command("validate")
        .description("check policies and their inventories, and write nothing")
        .argument("<policy...>", "policy files"),
    ).addOption(format(["text", "json", "github", "sarif"])),
    {
      notes: ["Diagnostics go to stderr. sarif is a report for code hosting sites; it goes to stdout."],
      exit: "0 the policies compile; 1 they do not",
      examples: [
        "tidemark validate policy.yaml",
        "tidemark validate policy.yaml --format github",
        "tidemark validate policy.yaml --format sarif > tidemark.sarif",
      ],
    },
  ).action(action(async () => (await import("../validate.js")).validateCommand));

  explained(
    horizon(
      program
        .command("compile")
        .description("compile policies into plan directories")
        .argument("<policy...>", "policy files")
        .option(
          "-o, --out <dir>",
          'plan directory (default: "plan" beside the policy); with several policies, the folder that holds them',
        )
        .option("-n, --dry-run", "print the plan and write nothing; with --format json, print the plan.json")
        .option(
          "--check",
          "print how the plan directory differs from what the policies compile to, and write nothing",
        ),
    ).addOption(format()),
    {
      notes: [
        "If the policy names hosts, each host has its plan in a folder of its name, and the PLAN.md above them describes all of them.",
      ],
      exit: "0 written, or with --check: no difference; 1 error, nothing is written; 2 with --check: there are differences",
      examples: [
        "tidemark compile policy.yaml -o plan",
        "tidemark compile policy.yaml -o plan --check",
        "tidemark compile policy.yaml --from 2026-12-01 --until 2026-12-15 -n",
        "tidemark compile policy.yaml --dry-run --format json > plan.json",
      ],
    },
  ).action(action(async () => (await import("../compile.js")).compileCommand));
}
