import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const READY_TIMEOUT_MS = 60_000;

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const listener = net.createServer();
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  const { port } = listener.address() as net.AddressInfo;
  await new Promise((done) => listener.close(done));
  return port;
}

/** `storysign serve` with the page of web/dist, on one port through all its starts. */
export class StorySign {
  private process: ChildProcess | null = null;
  private output = '';
  /** What the server keeps, through all its starts; goes with this process. */
  private readonly state = mkdtempSync(path.join(os.tmpdir(), 'storysign-e2e-'));

  private constructor(
    readonly port: number,
    private readonly settings: readonly string[],
  ) {
    process.once('exit', () => rmSync(this.state, { recursive: true, force: true }));
  }

  /** `settings` are those of the command line, such as --server.max_connections=1. */
  static async start(...settings: string[]): Promise<StorySign> {
    const server = new StorySign(await freePort(), settings);
    await server.begin();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Starts the program and waits until it says that it is ready. */
  async begin(): Promise<void> {
    const program = process.env.STORYSIGN_BIN ?? '';
    if (!existsSync(program)) {
      throw new Error(
        `There is no program "${program}"; build it and name it in STORYSIGN_BIN (make build).`,
      );
    }
    const page = path.join(ROOT, 'web/dist');
    if (!existsSync(path.join(page, 'index.html'))) {
      throw new Error('The page is not built; run `npm run build` in web/ (make build).');
    }
    // Who wants the admin listener names its port.
    const names = (start: string) => this.settings.some((setting) => setting.startsWith(start));
    const given = [
      'serve',
      `--server.port=${this.port}`,
      ...(names('--admin.') ? [] : ['--admin.enabled=false']),
      ...(names('--store.directory=') ? [] : [`--store.directory=${this.state}`]),
      ...this.settings,
    ];
    const child = spawn(path.resolve(program), given, { cwd: ROOT });
    this.process = child;
    this.output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        this.output += text.toString();
      });
    }
    const end = Date.now() + READY_TIMEOUT_MS;
    while (!(await this.isReady())) {
      if (child.exitCode !== null || Date.now() > end) {
        throw new Error(`storysign serve did not become ready. It said:\n${this.output}`);
      }
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  /** Ends the program and waits for its end; SIGKILL leaves it no last words. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    this.process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}readyz`)).ok;
    } catch {
      return false;
    }
  }
}

/** Passes bytes on to a server and counts them, to see what the page really sends. */
export class Gate {
  /** From the page to the server. */
  sent = 0;
  /** Connections that are open now. */
  open = 0;

  private constructor(
    private readonly listener: net.Server,
    readonly port: number,
  ) {}

  static async before(serverPort: number): Promise<Gate> {
    const listener = net.createServer();
    await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
    const gate = new Gate(listener, (listener.address() as net.AddressInfo).port);
    listener.on('connection', (client) => gate.pass(client, serverPort));
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  close(): void {
    this.listener.close();
  }

  private pass(client: net.Socket, serverPort: number): void {
    const server = net.connect(serverPort, '127.0.0.1');
    this.open += 1;
    client.on('data', (bytes) => {
      this.sent += bytes.length;
    });
    client.pipe(server);
    server.pipe(client);
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
    client.on('close', () => {
      this.open -= 1;
      server.destroy();
    });
  }
}

/** Passes requests on to a server, and changes the scripts that it answers with. */
export class Meddler {
  private constructor(
    private readonly listener: http.Server,
    readonly port: number,
  ) {}

  static async before(
    serverPort: number,
    change: (name: string, text: string) => string,
  ): Promise<Meddler> {
    const listener = http.createServer((request, response) => {
      const { method, headers, url: path = '/' } = request;
      const to = { host: '127.0.0.1', port: serverPort, method, path, headers };
      const onward = http.request(to, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (bytes: Buffer) => void chunks.push(bytes));
        answer.on('end', () => {
          const whole = Buffer.concat(chunks);
          const isScript = path.endsWith('.js');
          const body = isScript ? Buffer.from(change(path, whole.toString())) : whole;
          const length = method === 'HEAD' ? {} : { 'content-length': body.length };
          response.writeHead(answer.statusCode ?? 500, { ...answer.headers, ...length });
          response.end(body);
        });
      });
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    });
    listener.on('upgrade', (request, client: net.Socket, first: Buffer) => {
      const server = net.connect(serverPort, '127.0.0.1');
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
        lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
      }
      server.write(`${lines.join('\r\n')}\r\n\r\n`);
      server.write(first);
      client.pipe(server);
      server.pipe(client);
      client.on('error', () => server.destroy());
      server.on('error', () => client.destroy());
      client.on('close', () => server.destroy());
    });
    await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
    return new Meddler(listener, (listener.address() as net.AddressInfo).port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  close(): void {
    this.listener.closeAllConnections();
    this.listener.close();
  }
}
