// How a walk waits: for what becomes true, and for as long as a slow machine may need.

import assert from "node:assert/strict";

/** How long something may take that happens: machines are slow, and do much else at a time. */
export const patience = 60_000;

/** How long a walk may take. Most need seconds; this is for the machine that needs a minute. */
export const wholeWalk = { timeout: 600_000 };

export const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));

/** Waits for what becomes true, and returns it. */
export async function until(holds, span = patience) {
  const ends_at = Date.now() + span;
  for (;;) {
    const found = await holds();
    if (found) return found;
    assert.ok(Date.now() < ends_at, `it never held: ${holds}`);
    await pause(50);
  }
}
