/** Writes down the calls of a canvas. */
export function recorder() {
  const calls: [string, ...unknown[]][] = [];
  const context = new Proxy({} as Record<string, unknown>, {
    get: (target, name: string) =>
      target[name] ?? ((...values: unknown[]) => void calls.push([name, ...values])),
    set: (target, name: string, value) => {
      target[name] = value;
      return true;
    },
  });
  const of = (name: string): unknown[][] =>
    calls.filter(([called]) => called === name).map(([, ...values]) => values);
  return { context: context as unknown as CanvasRenderingContext2D, of };
}
