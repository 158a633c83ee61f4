// Waiting for what the other side does in its own time. The runner's limit for a test is the only deadline.

/** Resolves once `condition` holds. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) {
    // A few milliseconds: often enough to be quick, seldom enough to leave the processor to what is waited for.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
