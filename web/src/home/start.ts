/** A worker that finds landmarks; talk to it with ToHome and FromHome. */
export function startHome(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
}
