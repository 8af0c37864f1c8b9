import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { foldedName } from "../../inventory/directory.js";
import type { BackupServer } from "../../libvirt/backup.js";
import { located, type Policy } from "../../policy/policy.js";
import type { ResolvedDomain, Site } from "./resolve.js";

/** A path that the runs of a disk write to, with the names of runs as they stand in templates. */
export interface Claim {
  readonly path: string;
  readonly disk: string;
  /** Where the policy says so. */
  readonly pointer: string;
  readonly kind: "image" | "scratch";
}

/** A domain and what its runs write to. */
export interface Writer {
  readonly name: string;
  readonly uuid: string;
  /** Its folder in the repository. */
  readonly folder: string;
  /** The entry of the policy that decides about it. */
  readonly pointer: string;
  readonly claims: readonly Claim[];
  readonly server?: { readonly at: BackupServer; readonly pointer: string };
}

export interface HostWriters {
  readonly host?: string;
  readonly domains: readonly Writer[];
}

/**
 * Images or sockets that two disks or domains would share (TM306, TM307). Paths of images are the same place on all hosts
 * unless the policy says otherwise; those of scratch files and servers are each host's own.
 */
export function checkCollisions(policy: Policy, hosts: readonly HostWriters[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const isOwn = policy.sharedRepository === false;
  const shared = new Map<string, FolderOwner>();
  const images = new Map<string, string>();
  for (const { host, domains } of hosts) {
    const where = host === undefined ? "" : ` on ${host}`;
    const paths = new Map<string, string>();
    const servers = new Map<string, string>();
    const folders = isOwn ? new Map<string, FolderOwner>() : shared;
    for (const writer of domains) {
      const who = `"${writer.name}"${where}`;
      const folder = foldedName(writer.folder);
      const namesake = folders.get(folder);
      // One domain on two hosts is told of as that.
      if (namesake?.uuid === writer.uuid) continue;
      if (namesake !== undefined) {
        diagnostics.push(
          namesake.folder === writer.folder
            ? sameFolder(policy, namesake.who, who, writer.folder)
            : foldedFolder(policy, namesake, { who, ...writer }),
        );
        continue;
      }
      folders.set(folder, { uuid: writer.uuid, who, folder: writer.folder });
      diagnostics.push(...samePaths(policy, writer, where, paths, isOwn ? paths : images));
      diagnostics.push(...sameServer(policy, writer, servers));
    }
  }
  return diagnostics;
}

/** A domain that has a folder in the repository. */
interface FolderOwner {
  readonly uuid: string;
  readonly who: string;
  readonly folder: string;
}

/** The repository may be on a file system that folds case, and so may the plan directory, where it is checked out. */
function foldedFolder(
  policy: Policy,
  one: FolderOwner,
  other: FolderOwner & { readonly pointer: string },
): Diagnostic {
  return {
    code: "TM306",
    severity: "error",
    message: `${one.who} and ${other.who} would share a folder where a file system does not tell upper case from lower case: ${one.folder} and ${other.folder}`,
    hint: "rename one of the two, or back it up by a policy of its own, with another repository",
    ...located(policy, other.pointer),
  };
}

function sameFolder(policy: Policy, one: string, other: string, folder: string): Diagnostic {
  return {
    code: "TM306",
    severity: "error",
    message: `${one} and ${other} would both write to ${folder}`,
    hint: "put {host} into the repository's path, or set sharedRepository: false if each host has its own repository",
    ...located(policy, policy.sharedRepository === undefined ? "/repository" : "/sharedRepository"),
  };
}

/** @param paths of this host; @param images of all that share a repository */
function samePaths(
  policy: Policy,
  { name, claims }: Writer,
  where: string,
  paths: Map<string, string>,
  images: Map<string, string>,
): Diagnostic[] {
  return claims.flatMap(({ path, disk, pointer, kind }): Diagnostic[] => {
    const who = `disk "${disk}" of "${name}"${where}`;
    const taken = kind === "image" ? images : paths;
    const folded = foldedName(path);
    const other = paths.get(folded) ?? taken.get(folded);
    if (other === undefined) {
      paths.set(folded, who);
      taken.set(folded, who);
      return [];
    }
    return [
      {
        code: "TM306",
        severity: "error",
        message: `${other} and ${who} would both write to ${path}`,
        hint: "put {domain} and {disk} into the path",
        ...located(policy, pointer),
      },
    ];
  });
}

function sameServer(policy: Policy, { name, server }: Writer, servers: Map<string, string>): Diagnostic[] {
  if (server === undefined) return [];
  const address = addressOf(server.at);
  const other = rivalsOf(server.at, servers.keys()).flatMap((each) => servers.get(each) ?? [])[0];
  if (other === undefined) {
    servers.set(address, name);
    return [];
  }
  return [
    {
      code: "TM307",
      severity: "error",
      message: `"${other}" and "${name}" would both listen on ${address} at the same slot`,
      hint: "put {domain} into the socket's path, or give each domain its own port",
      ...located(policy, server.pointer),
    },
  ];
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
      const locations = [other.domain.facts.location, facts.location];
      return [
        {
          code: "TM211",
          severity: "error",
          message: `"${facts.domain.name}" (${facts.domain.uuid}) is in the inventories of ${other.host} and ${host}; only one of the two can run`,
          hint: "capture both inventories again; if the domain is defined on both hosts, choose one with where: { host: … }, or undefine the other one",
          ...located(policy, domain.origins.entry),
          related: locations.flatMap((location, at) =>
            location === undefined ? [] : [{ location, message: `on ${at === 0 ? other.host : host}` }],
          ),
        },
      ];
    });
  });
}
