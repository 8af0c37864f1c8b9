/** A feature of libvirt or QEMU. */
export interface Feature {
  /** For messages: `incremental backups`. */
  readonly title: string;
  /** First release that has it. */
  readonly libvirt?: string;
  readonly qemu?: string;
  readonly source: string;
}

/**
 * The releases of libvirt and QEMU that introduced each feature. If a row says "seen", the first release is not
 * documented, and the row names the oldest release that was tried.
 */
export const FEATURES = {
  checkpoint: {
    title: "checkpoints",
    libvirt: "5.6.0",
    source: "libvirt NEWS 5.6.0; virDomainCheckpointCreateXML in libvirt-domain-checkpoint.h",
  },
  backup: { title: "backups", libvirt: "6.0.0", source: "virDomainBackupBegin, since 6.0.0" },
  reuseExternal: {
    title: "images that are created beforehand",
    libvirt: "6.0.0",
    source: "VIR_DOMAIN_BACKUP_BEGIN_REUSE_EXTERNAL, since 6.0.0",
  },
  fullBackup: { title: "backups", libvirt: "7.2.0", qemu: "4.2.0", source: "libvirt NEWS 7.2.0" },
  incremental: {
    title: "incremental backups",
    libvirt: "7.6.0",
    qemu: "6.1.0",
    source: "libvirt NEWS 7.6.0: on without a switch, with QEMU 6.1",
  },
  redefineOffline: {
    title: "defining checkpoints of a stopped domain again",
    libvirt: "6.3.0",
    source: "libvirt NEWS 6.3.0",
  },
  redefineValidate: {
    title: "checkpoint-create --redefine-validate",
    libvirt: "6.10.0",
    source: "VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE_VALIDATE, since 6.10.0",
  },
  perDiskMode: {
    title: "a level for each disk",
    libvirt: "7.6.0",
    source:
      "backupmode in domainbackup.rng: seen on 9.0.0, and in the sources of the releases that have incrementals",
  },
  zstd: {
    title: "images compressed with zstd",
    qemu: "5.1.0",
    source: "compression_type in docs/interop/qcow2.txt and BlockdevCreateOptionsQcow2 of QEMU, since 5.1",
  },
  dataStore: {
    title: "qcow2 images with a raw data file",
    libvirt: "10.10.0",
    source: "libvirt NEWS 10.10.0, formatdomain: dataStore",
  },
  fdServer: {
    title: "an NBD server on a file descriptor that the caller passes",
    libvirt: "11.3.0",
    source: "formatbackup, server: transport='fd'; domainbackup.rng of 11.3.0",
  },
  plainDisk: {
    title: "disks of a push backup of which only the name is given",
    libvirt: "11.3.0",
    source: "domainbackup.rng: seen on 11.3.0 and 12.8.0; the schema of 9.0.0 refuses them",
  },
  generatedName: {
    title: "file names that libvirt generates for listed disks",
    libvirt: "11.3.0",
    source:
      "backup_conf.c:virDomainBackupDefAssignStore: seen on 11.3.0 and 12.8.0; 9.0.0 generates them only where no disk is listed",
  },
  nvmeBus: {
    title: "disks on bus='nvme'",
    libvirt: "11.5.0",
    source: "libvirt NEWS 11.5.0; domaincommon.rng, diskTargetDev, of 12.8.0",
  },
  preserveOnShutdown: {
    title: "backups that go on when the guest shuts down",
    libvirt: "11.10.0",
    source: "libvirt NEWS 11.10.0; VIR_DOMAIN_BACKUP_BEGIN_PRESERVE_SHUTDOWN_DOMAIN",
  },
  varstore: {
    title: "a store of UEFI variables (<varstore>)",
    libvirt: "12.1.0",
    source: "libvirt NEWS 12.1.0",
  },
  chosenPort: {
    title: "TCP ports that libvirt chooses for a pull backup",
    libvirt: "12.8.0",
    source:
      "formatbackup, server; qemu.conf, backup_port_min: seen on 12.8.0; 11.3.0 refuses a server without a port",
  },
} as const satisfies Record<string, Feature>;

export interface Versions {
  readonly libvirt: string;
  readonly qemu: string;
}

/** The parts for which a host is too old, such as `libvirt 7.6.0`, each with the host's version. */
export function lacking(
  feature: Feature,
  host: Versions,
): { part: "libvirt" | "qemu"; needs: string; has: string }[] {
  return (["libvirt", "qemu"] as const).flatMap((part) => {
    const needs = feature[part];
    return needs !== undefined && isOlder(host[part], needs) ? { part, needs, has: host[part] } : [];
  });
}

/** Whether a release has a feature; undefined stands for any release, so that only what all releases have is there. */
export function knows(libvirt: string | undefined, { libvirt: since = "0" }: Feature): boolean {
  return since === "0" || (libvirt !== undefined && !isOlder(libvirt, since));
}

/** The releases of libvirt that brought a feature, oldest first. */
export const RELEASES: readonly string[] = [
  ...new Set(Object.values<Feature>(FEATURES).flatMap(({ libvirt }) => libvirt ?? [])),
].sort((a, b) => (isOlder(a, b) ? -1 : 1));

/** Compares versions number by number; missing numbers count as zero. */
export function isOlder(version: string, than: string): boolean {
  const a = version.split(".").map(Number);
  const b = than.split(".").map(Number);
  for (const [index, part] of b.entries()) {
    const ours = a[index] ?? 0;
    if (ours !== part) return ours < part;
  }
  return false;
}
