// For what announces itself in no other way than by being so.
import { setTimeout as pause } from 'node:timers/promises';

export async function eventually(what, check, withinMs = 15_000) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(20);
  }
}
