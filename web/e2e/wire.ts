/** Everything that a page sends, read outside of the browser: what leaves the machine passes here. */

import net from 'node:net';

/** A request of HTTP, up to the WebSocket that may come of it. */
export interface HttpRequest {
  line: string;
  head: string;
  body: Buffer;
}

/** Text or binary message of a WebSocket. */
export interface WebSocketMessage {
  isText: boolean;
  payload: Buffer;
}

/** Passes bytes on to a server and keeps what the page sent. */
export class Tap {
  private readonly streams: Buffer[][] = [];

  private constructor(
    private readonly listener: net.Server,
    readonly port: number,
  ) {}

  static async before(serverPort: number): Promise<Tap> {
    const listener = net.createServer();
    await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
    const tap = new Tap(listener, (listener.address() as net.AddressInfo).port);
    listener.on('connection', (client) => tap.pass(client, serverPort));
    return tap;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** All that came so far. Throws if there is a byte that it cannot account for. */
  read(): { requests: HttpRequest[]; messages: WebSocketMessage[] } {
    const requests: HttpRequest[] = [];
    const messages: WebSocketMessage[] = [];
    for (const chunks of this.streams) {
      const reader = new StreamReader(Buffer.concat(chunks));
      requests.push(...reader.requests());
      messages.push(...reader.messages());
    }
    return { requests, messages };
  }

  close(): void {
    this.listener.close();
  }

  private pass(client: net.Socket, serverPort: number): void {
    const server = net.connect(serverPort, '127.0.0.1');
    const chunks: Buffer[] = [];
    this.streams.push(chunks);
    client.on('data', (bytes) => void chunks.push(bytes));
    client.pipe(server);
    server.pipe(client);
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
    client.on('close', () => server.destroy());
  }
}

/** One connection from its first byte: requests, and after an upgrade messages. */
class StreamReader {
  private at = 0;
  private isUpgraded = false;

  constructor(private readonly bytes: Buffer) {}

  requests(): HttpRequest[] {
    const found: HttpRequest[] = [];
    while (!this.isUpgraded && this.at < this.bytes.length) {
      const end = this.bytes.indexOf('\r\n\r\n', this.at);
      if (end < 0) throw new Error('A request has no end.');
      const head = this.bytes.toString('latin1', this.at, end);
      const [line = ''] = head.split('\r\n');
      if (!/^[A-Z]+ \S+ HTTP\/1\.1$/.test(line)) throw new Error(`No request: ${line}`);
      if (/^transfer-encoding:/im.test(head)) throw new Error('A request in pieces.');
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      const begin = end + 4;
      found.push({ line, head, body: this.bytes.subarray(begin, begin + length) });
      this.at = begin + length;
      this.isUpgraded = /^upgrade: *websocket/im.test(head);
    }
    return found;
  }

  /** Whole messages; the last one may still be on its way. */
  messages(): WebSocketMessage[] {
    const found: WebSocketMessage[] = [];
    let parts: Buffer[] = [];
    let isText = false;
    for (let frame = this.frame(); frame !== null; frame = this.frame()) {
      const { opcode, isLast, payload } = frame;
      if (opcode > 2) {
        // Close, ping and pong; nothing large hides in these.
        if (payload.length > 125) throw new Error('A control frame is too long.');
        continue;
      }
      if (opcode !== 0) isText = opcode === 1;
      parts.push(payload);
      if (!isLast) continue;
      found.push({ isText, payload: Buffer.concat(parts) });
      parts = [];
    }
    return found;
  }

  private frame(): { opcode: number; isLast: boolean; payload: Buffer } | null {
    const left = this.bytes.subarray(this.at);
    if (!this.isUpgraded || left.length < 2) return null;
    const [first = 0, second = 0] = left;
    if ((first & 0x70) !== 0) throw new Error('A frame is compressed: it cannot be read here.');
    if ((second & 0x80) === 0) throw new Error('A frame of a client is not masked.');
    let length = second & 0x7f;
    let begin = 2;
    if (length === 126) {
      if (left.length < 4) return null;
      length = left.readUInt16BE(2);
      begin = 4;
    } else if (length === 127) {
      if (left.length < 10) return null;
      length = Number(left.readBigUInt64BE(2));
      begin = 10;
    }
    if (left.length < begin + 4 + length) return null;
    const mask = left.subarray(begin, begin + 4);
    const payload = Buffer.from(left.subarray(begin + 4, begin + 4 + length));
    for (let i = 0; i < length; ++i) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
    this.at += begin + 4 + length;
    return { opcode: first & 0x0f, isLast: (first & 0x80) !== 0, payload };
  }
}

/** By which pictures and films are known, wherever they begin; each long enough not to be met by chance. */
const SIGNATURES: readonly [name: string, pattern: RegExp][] = [
  ['JPEG', /\xff\xd8\xff[\xc0-\xcf\xdb\xdd\xe0-\xef\xfe]/],
  ['PNG', /\x89PNG\r\n/],
  ['WebP', /RIFF[^]{4}WEBP/],
  ['GIF', /GIF8[79]a/],
  ['WebM', /\x1a\x45\xdf\xa3/],
  ['MP4', /ftyp(isom|mp4|avif|heic|iso)/],
  ['a JPEG in text', /\/9j\/[0-9A-Za-z+/]{16}/],
  ['a PNG in text', /iVBORw0KGgo/],
  ['a WebP in text', /UklGR[0-9A-Za-z+/]{16}/],
];

/** The picture or film in some bytes; null: none that is known. */
export function pictureIn(bytes: Buffer): string | null {
  const text = bytes.toString('latin1');
  return SIGNATURES.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}

const COUNT_BYTES = 2;

/**
 * Reads a frame of landmarks byte by byte, as docs/protocol-v1.md describes it, and throws where one
 * is left that it does not speak of: so nothing else is in it.
 */
export function readLandmarkFrame(message: Buffer): { number: number; parts: string[] } {
  if (message[0] !== 1 || message[1] !== 2) throw new Error('No frame of landmarks.');
  const flags = message.readUInt16LE(2);
  let at = 32;
  const skip = (bytes: number): void => {
    at += bytes;
    if (at > message.length) throw new Error('A frame of landmarks is cut off.');
  };
  const coordinates = (count: number): void => {
    for (let i = 0; i < count; ++i) {
      let length = 1;
      while (((message[at + length - 1] ?? 0) & 0x80) !== 0) length += 1;
      if (length > 3) throw new Error('A coordinate is too long.');
      skip(length);
    }
  };
  const parts: string[] = [];
  if ((flags & 4) !== 0) {
    parts.push('body');
    for (let i = 0; i < 33; ++i) {
      coordinates(3);
      skip(2);
    }
  }
  for (const [bit, name] of [
    [8, 'left hand'],
    [16, 'right hand'],
  ] as const) {
    if ((flags & bit) === 0) continue;
    parts.push(name);
    skip(2);
    coordinates(3 * 21);
  }
  if ((flags & 32) !== 0) {
    parts.push('face');
    skip(COUNT_BYTES);
    coordinates(3 * message.readUInt16LE(at - COUNT_BYTES));
  }
  if (at !== message.length) throw new Error(`${message.length - at} bytes follow the landmarks.`);
  return { number: message.readUInt32LE(4), parts };
}
