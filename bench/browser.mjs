/** What the benches of the page share: a server of this tree, and Chromium. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { chromium } from '../web/node_modules/playwright-core/index.mjs';

export const ROOT = path.resolve(import.meta.dirname, '..');
export const SHARED = process.env.STORYSIGN_SHARED_DATA_DIR ?? path.resolve(ROOT, '../shared/data');
export const MEGABYTE = 1024 * 1024;

export function fail(sentence) {
  console.error(`${path.relative(process.cwd(), process.argv[1])}: ${sentence}`);
  process.exit(1);
}

/** A server of this tree's program and page, and how to end it. */
export async function serve() {
  const program = process.env.STORYSIGN_BIN ?? path.join(ROOT, 'build/release/storysign');
  if (!existsSync(program)) fail(`there is no ${program}; run \`make build\`.`);
  const state = mkdtempSync(path.join(os.tmpdir(), 'storysign-bench-'));
  const listener = net.createServer();
  await new Promise((done) => listener.listen(0, '127.0.0.1', done));
  const { port } = listener.address();
  await new Promise((done) => listener.close(done));
  const child = spawn(
    program,
    ['serve', `--server.port=${port}`, '--admin.enabled=false', `--store.directory=${state}`],
    { cwd: ROOT, stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}/`;
  for (let tries = 0; ; ++tries) {
    if (await fetch(`${url}readyz`).then((r) => r.ok, () => false)) break;
    if (tries > 300 || child.exitCode !== null) fail('the server did not become ready.');
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    url,
    end: async () => {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** Chromium with more of its flags: itself, the number of its first process, and how to end it. */
export async function openBrowser(flags) {
  const executablePath = process.env.STORYSIGN_CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) fail(`there is no browser ${executablePath}; install Debian's package chromium.`);
  const args = ['--disable-gpu', ...flags];
  if (process.getuid() === 0) args.push('--no-sandbox');
  const server = await chromium.launchServer({ executablePath, args });
  const browser = await chromium.connect(server.wsEndpoint());
  const close = async () => {
    await browser.close();
    await server.close();
  };
  return { browser, pid: server.process().pid, close };
}

/** Resident memory of the browser's processes that run pages, in bytes. */
export function rendererMemory(root) {
  const parents = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [, parent] = /\) . (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      parents.set(Number(pid), Number(parent));
    } catch {
      // It has ended meanwhile.
    }
  }
  let total = 0;
  for (const pid of parents.keys()) {
    let up = pid;
    while (up && up !== root) up = parents.get(up);
    if (up !== root) continue;
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')) continue;
      const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      total += 1024 * Number(kilobytes);
    } catch {
      // The same.
    }
  }
  return total;
}
