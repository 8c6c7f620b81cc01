/** Fetches files together, with one progress for all. */

export type Progress = (loadedBytes: number, totalBytes: number) => void;

/** A file did not come. */
export class DownloadError extends Error {}

/** The contents in the order of `urls`. Rejects with a DownloadError as soon as one fails. */
export async function download(
  urls: readonly string[],
  progress: Progress,
  fetcher: typeof fetch = fetch,
): Promise<Uint8Array<ArrayBuffer>[]> {
  // First the sizes of all: a browser opens few connections at a time, so the last answer may begin
  // when the first has ended.
  const sizes = await Promise.all(
    urls.map(async (url) => {
      const response = await answer(url, { method: 'HEAD' }, fetcher);
      return Number(response.headers.get('content-length') ?? 0);
    }),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let loaded = 0;
  progress(0, total);
  return Promise.all(
    urls.map(async (url) => {
      const response = await answer(url, {}, fetcher);
      return read(url, response, (bytes) => {
        loaded += bytes;
        progress(loaded, Math.max(loaded, total));
      });
    }),
  );
}

async function answer(url: string, init: RequestInit, fetcher: typeof fetch): Promise<Response> {
  let response: Response;
  try {
    response = await fetcher(url, init);
  } catch (error) {
    throw new DownloadError(`${url} did not come: ${String(error)}`);
  }
  if (!response.ok) throw new DownloadError(`${url} was answered with status ${response.status}`);
  return response;
}

async function read(
  url: string,
  response: Response,
  arrived: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const reader = response.body?.getReader();
    for (;;) {
      const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
      if (done || value === undefined) break;
      chunks.push(value);
      size += value.length;
      arrived(value.length);
    }
  } catch (error) {
    throw new DownloadError(`${url} broke off: ${String(error)}`);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
