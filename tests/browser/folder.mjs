// Where a night keeps its data while it is looked at: in memory if there is a place for that. No
// story here is about disks, and each waits for many syncs.

import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const memory = "/dev/shm";

/** A new folder, empty. */
export function makeFolder(name) {
  return mkdtemp(join(existsSync(memory) ? memory : tmpdir(), `stanchion-${name}-`));
}
