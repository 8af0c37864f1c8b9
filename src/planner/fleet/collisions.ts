import { posix } from "node:path";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { directoryOf } from "../../inventory/directory.js";
import type { BackupServer } from "../../libvirt/backup.js";
import { type Policy, placed } from "../../policy/policy.js";
import type { DiskChoice } from "../domain/disks.js";
import type { Places } from "../domain/places.js";
import type { ResolvedDomain, Site } from "./resolve.js";

/** A host's domains and where they write. */
interface Writers {
  readonly header: { readonly host?: string; readonly repository: string };
  readonly domains: readonly {
    readonly domain: ResolvedDomain;
    readonly choices: readonly DiskChoice[];
    readonly places: Places;
  }[];
}

/**
 * Images or sockets that two disks or domains would share (TM306, TM307). Paths of images are the same place on all hosts
 * unless the policy says otherwise; those of scratch files and servers are each host's own.
 */
export function checkCollisions(policy: Policy, hosts: readonly Writers[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  const symbolic = { point: "{point}", slot: "{slot}" };
  const folders = new Map<string, { uuid: string; who: string }>();
  const images = new Map<string, string>();
  for (const { header, domains } of hosts) {
    const { host } = header;
    const where = host === undefined ? "" : ` on ${host}`;
    const isOwn = policy.sharedRepository === false;
    const paths = new Map<string, string>();
    const servers = new Map<string, string>();
    for (const { domain, choices, places } of domains) {
      const { name, uuid } = domain.facts.domain;
      const folder = posix.join(header.repository, directoryOf(name));
      const namesake = isOwn ? undefined : folders.get(folder);
      if (namesake === undefined) folders.set(folder, { uuid, who: `"${name}"${where}` });
      // One domain on two hosts is told of as that.
      else if (namesake.uuid === uuid) continue;
      else {
        found.push({
          code: "TM306",
          severity: "error",
          message: `${namesake.who} and "${name}"${where} would both write to ${folder}`,
          hint: "put {host} into the repository's path, or set sharedRepository: false if each host has a repository of its own",
          ...placed(policy, policy.sharedRepository === undefined ? "/repository" : "/sharedRepository"),
        });
        continue;
      }
      for (const disk of choices.filter((choice) => choice.leftOut === undefined)) {
        const who = `disk "${disk.resolved.target}" of "${name}"${where}`;
        const claims = [[places.image(disk, symbolic).path, "target", isOwn ? paths : images]] as [
          string,
          string,
          Map<string, string>,
        ][];
        if (places.mode === "pull") claims.push([places.scratch(disk, symbolic).path, "scratch", paths]);
        for (const [path, setting, taken] of claims) {
          const other = paths.get(path) ?? taken.get(path);
          if (other === undefined) {
            paths.set(path, who);
            taken.set(path, who);
          } else {
            found.push({
              code: "TM306",
              severity: "error",
              message: `${other} and ${who} would both write to ${path}`,
              hint: "put {domain} and {disk} into the path",
              ...placed(policy, disk.resolved.origins.of(setting)),
            });
          }
        }
      }
      if (places.server === undefined) continue;
      const address = addressOf(places.server);
      const other = rivalsOf(places.server, servers.keys()).flatMap((each) => servers.get(each) ?? [])[0];
      if (other === undefined) servers.set(address, name);
      else {
        found.push({
          code: "TM307",
          severity: "error",
          message: `"${other}" and "${name}" would both listen on ${address} at the same slot`,
          hint: "put {domain} into the socket's path, or give each domain its own port",
          ...placed(policy, domain.origins.of("server")),
        });
      }
    }
  }
  return found;
}

function addressOf(server: BackupServer): string {
  return server.transport === "unix" ? server.socket : `${server.name}:${server.port}`;
}

/** All of the host's addresses at once. */
const ANY = ["0.0.0.0", "::"];

/** Addresses that nobody else can listen on. */
function rivalsOf(server: BackupServer, taken: Iterable<string>): readonly string[] {
  if (server.transport === "unix") return [server.socket];
  const { name, port } = server;
  return ANY.includes(name)
    ? [...taken].filter((each) => !each.startsWith("/") && each.endsWith(`:${port}`))
    : [name, ...ANY].map((each) => `${each}:${port}`);
}

/** A domain runs on one host at a time, and only there can it be backed up (TM211). */
export function checkUnique(
  policy: Policy,
  sites: readonly Site[],
  resolved: readonly (readonly ResolvedDomain[])[],
): Diagnostic[] {
  const first = new Map<string, { host: string; domain: ResolvedDomain }>();
  return resolved.flatMap((domains, index) => {
    const host = sites[index]?.host ?? "";
    return domains.flatMap((domain): Diagnostic[] => {
      const { facts } = domain;
      const other = first.get(facts.domain.uuid);
      if (other === undefined) {
        first.set(facts.domain.uuid, { host, domain });
        return [];
      }
      const places = [other.domain.facts.location, facts.location];
      return [
        {
          code: "TM211",
          severity: "error",
          message: `"${facts.domain.name}" (${facts.domain.uuid}) is on ${other.host} and on ${host}: which of the two runs?`,
          hint: "capture both inventories again; if it is defined on both, take it out of one with where: { host: … }, or undefine it there",
          ...placed(policy, domain.origins.entry),
          related: places.flatMap((location, at) =>
            location === undefined ? [] : [{ location, message: `on ${at === 0 ? other.host : host}` }],
          ),
        },
      ];
    });
  });
}
