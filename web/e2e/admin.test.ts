import { rmSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launch } from './browser';
import { DashboardVisit, Operated } from './operator';

const WAIT = { timeout: 30_000 };

let browser: Browser;
let operated: Operated;
let visit: DashboardVisit | null = null;

beforeAll(async () => {
  browser = await launch({ allowed: false });
});

afterAll(async () => {
  await browser?.close();
});

afterEach(async () => {
  await visit?.visit.close();
  visit = null;
});

async function open(options: Parameters<typeof DashboardVisit.open>[2] = {}) {
  visit = await DashboardVisit.open(browser, operated, options);
  return visit;
}

async function openLive(options: Parameters<typeof DashboardVisit.open>[2] = {}) {
  const dashboard = await open(options);
  return (await dashboard.signIn(operated.token)).live();
}

describe('a server with learners', () => {
  beforeAll(async () => {
    operated = await Operated.start();
    operated.load(3, 5);
  });

  afterAll(() => operated?.end());

  it('is not on the listener of learners', async () => {
    for (const path of ['admin', 'admin/', 'admin/index.html', 'api/overview', 'metrics']) {
      expect((await fetch(`${operated.server.url}${path}`)).status).toBe(404);
    }
  });

  it('asks for the token, says where it is, and keeps it in the tab only', async () => {
    const dashboard = await open();
    await dashboard.signIn('0'.repeat(64));
    await expect
      .poll(() => dashboard.page.locator('#token-problem').textContent(), WAIT)
      .toContain('admin.token');
    expect(await dashboard.page.evaluate(() => sessionStorage.length)).toBe(0);
    await (await dashboard.signIn(operated.token)).live();
    const kept = await dashboard.page.evaluate(() => ({
      session: Object.values({ ...sessionStorage }),
      local: localStorage.length,
      cookies: document.cookie,
      address: location.href,
    }));
    expect(kept.session).toEqual([operated.token]);
    expect(kept).toMatchObject({ local: 0, cookies: '' });
    expect(kept.address).not.toContain(operated.token);

    await dashboard.page.reload();
    await dashboard.live();
    await dashboard.page.getByRole('button', { name: 'Sign out' }).click();
    await dashboard.visit.until('[data-access="out"]');
    expect(await dashboard.page.evaluate(() => sessionStorage.length)).toBe(0);
    expect(await dashboard.page.locator('.tile').count()).toBe(0);
  });

  it('shows figures, charts and sessions that go on; asks nobody else; breaks no rule', async () => {
    const dashboard = await openLive();
    await expect.poll(() => dashboard.rows().count(), WAIT).toBe(3);
    await expect
      .poll(() => dashboard.tile('latency').locator('.tile-value').textContent(), WAIT)
      .toMatch(/^[\d.,]+\u00a0ms$/);
    await expect
      .poll(() => dashboard.tile('sessions').locator('.tile-value').textContent(), WAIT)
      .toBe('3');
    for (const chart of ['latency', 'frames', 'cpu', 'memory', 'sessions']) {
      await expect.poll(() => dashboard.points(chart), WAIT).toBeGreaterThan(3);
      const before = await dashboard.points(chart);
      await expect.poll(() => dashboard.points(chart), WAIT).toBeGreaterThan(before);
    }
    const painted = await dashboard.page.evaluate(() =>
      [...document.querySelectorAll<HTMLCanvasElement>('.chart canvas')].map((canvas) => {
        const { width, height } = canvas;
        const data = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
        return data.some((value) => value > 0);
      }),
    );
    expect(painted).toEqual([true, true, true, true, true]);
    const row = dashboard.rows().first();
    await expect
      .poll(() => row.locator('[data-column="latency"] .main-line').textContent(), WAIT)
      .toMatch(/^[\d.,]+\u00a0ms$/);
    expect(await row.locator('th').textContent()).toMatch(/client_\d+.*storysign\.v1/s);
    expect(dashboard.complaints).toEqual([]);
    expect(dashboard.visit.strangers).toEqual([]);
  });

  it('shows each alert with its level in words', async () => {
    const dashboard = await openLive();
    const alerts = dashboard.page.locator('.alert');
    await expect.poll(() => alerts.count(), WAIT).toBeGreaterThan(0);
    for (const alert of await alerts.all()) {
      const level = (await alert.getAttribute('data-level')) ?? '';
      const words = { ok: 'OK', warning: 'Warning', critical: 'Critical' }[level];
      expect(await alert.locator('.alert-level').textContent()).toBe(words);
      expect(await alert.textContent()).toMatch(/warning at .+, critical at .+/);
    }
  });

  it('gives one session a profile and a frame skip, and takes them back', async () => {
    const dashboard = await openLive();
    await expect.poll(() => dashboard.rows().count(), WAIT).toBe(3);
    const [number = 0] = await dashboard.numbers();
    const row = dashboard.row(number);
    const profile = dashboard.page.getByLabel(`Profile of session ${number}`);
    await profile.selectOption('Ultra performance');
    await dashboard.notice('good', `Session ${number}: profile Ultra performance.`).waitFor();
    await expect.poll(() => row.getAttribute('data-profile'), WAIT).toBe('ultra_performance');
    await expect
      .poll(() => row.locator('[data-column="profile"]').textContent(), WAIT)
      .toContain('set by an operator');
    await dashboard.page.getByLabel(`Frame skip of session ${number}`).selectOption('7');
    await expect.poll(() => row.getAttribute('data-skip'), WAIT).toBe('7');

    await profile.selectOption('Automatic');
    await dashboard.page.getByLabel(`Frame skip of session ${number}`).selectOption('Automatic');
    await expect.poll(() => row.getAttribute('data-skip'), WAIT).not.toBe('7');
    await dashboard
      .notice('good', `The profile of session ${number} is chosen automatically now.`)
      .waitFor();
    expect(dashboard.complaints).toEqual([]);
  });

  it('opens a list instead of choosing on the way through it', async () => {
    const dashboard = await openLive();
    await expect.poll(() => dashboard.rows().count(), WAIT).toBe(3);
    const [number = 0] = await dashboard.numbers();
    let posts = 0;
    dashboard.page.on('request', (request) => {
      posts += request.method() === 'POST' ? 1 : 0;
    });
    const profile = dashboard.page.getByLabel(`Profile of session ${number}`);
    await profile.focus();
    for (const key of ['ArrowDown', 'Escape', 'u', 'Escape', 'End', 'Escape']) {
      await dashboard.page.keyboard.press(key);
    }
    await dashboard.page.waitForTimeout(500);
    expect(posts).toBe(0);
  });

  it('gives all sessions a profile and a frame skip, and takes them back', async () => {
    const dashboard = await openLive();
    await expect.poll(() => dashboard.rows().count(), WAIT).toBe(3);
    const profile = dashboard.page.getByLabel('Profile', { exact: true });
    const apply = (what: string) =>
      dashboard.page.getByRole('button', { name: `Apply: ${what}` }).click();
    const profiles = () =>
      dashboard.rows().evaluateAll((rows) => rows.map((row) => row.getAttribute('data-profile')));
    await profile.selectOption('High performance');
    await apply('Profile');
    await expect.poll(profiles, WAIT).toEqual(new Array(3).fill('high_performance'));
    await expect
      .poll(() => dashboard.page.locator('#all-profile-now').textContent(), WAIT)
      .toBe('High performance now, for all.');
    await profile.selectOption('Automatic');
    await apply('Profile');
    await expect
      .poll(() => dashboard.page.locator('#all-profile-now').textContent(), WAIT)
      .toBe('Automatic now: each session has its own.');

    await dashboard.page.getByLabel('Frame skip', { exact: true }).fill('9');
    await apply('Frame skip');
    await expect
      .poll(() => dashboard.page.locator('#all-skip-now').textContent(), WAIT)
      .toMatch(/^9 now\./);
    await apply('Frame skip');
    await expect
      .poll(() => dashboard.page.locator('#all-skip-now').textContent(), WAIT)
      .toMatch(/^Automatic now\./);
  });

  it('changes the number of workers', async () => {
    const dashboard = await openLive();
    await dashboard.page.getByLabel('Workers', { exact: true }).fill('3');
    await dashboard.page.getByRole('button', { name: 'Apply: Workers' }).click();
    await expect.poll(() => dashboard.tile('cpu').textContent(), WAIT).toMatch(/of 3 workers busy/);
    await dashboard.page.getByLabel('Workers', { exact: true }).fill('0');
    await dashboard.page.getByRole('button', { name: 'Apply: Workers' }).click();
    await expect
      .poll(() => dashboard.page.locator('#all-workers-now').textContent(), WAIT)
      .toContain('following the machine');
  });

  it('says what cannot be done, and does nothing then', async () => {
    const dashboard = await openLive();
    for (const [label, text] of [
      ['Frame skip', '31'],
      ['Workers', 'many'],
      ['Workers', ''],
    ]) {
      await dashboard.page.getByLabel(label ?? '', { exact: true }).fill(text ?? '');
      await dashboard.page.getByRole('button', { name: `Apply: ${label}` }).click();
      const notice = dashboard.notice('bad', `${label} must be a whole number`);
      await notice.waitFor();
      await notice.getByRole('button').click();
      await notice.waitFor({ state: 'detached' });
    }
    // A session that has gone in the meantime: the server's own words.
    await expect.poll(() => dashboard.rows().count(), WAIT).toBe(3);
    const [number = 0] = await dashboard.numbers();
    await dashboard.page.route(`**/api/sessions/${number}/profile`, (route) =>
      route.continue({ url: route.request().url().replace(`/${number}/`, '/999999/') }),
    );
    await dashboard.page
      .getByLabel(`Profile of session ${number}`)
      .selectOption('Ultra performance');
    const { error } = (await operated.ask('/api/sessions/999999/profile', {
      profile: 'balanced',
    })) as { error: string };
    await dashboard.notice('bad', error).waitFor();
  });

  it('changes the level of the log', async () => {
    const dashboard = await openLive();
    const levels = dashboard.page.locator('.log-levels li');
    await expect.poll(() => levels.count(), WAIT).toBeGreaterThan(1);
    await dashboard.page.getByLabel('Log level of server', { exact: true }).selectOption('debug');
    await dashboard.notice('good', 'Log level of server: debug.').waitFor();
    await expect
      .poll(() => operated.ask('/api/log'), WAIT)
      .toMatchObject({ levels: { server: 'debug' } });
    await dashboard.page.getByLabel('Log level of server', { exact: true }).selectOption('as all');
    await dashboard.notice('good', 'Log level of server: as all.').waitFor();
  });

  it('reloads the configuration and makes a backup', async () => {
    const dashboard = await openLive();
    await dashboard.page.getByRole('button', { name: 'Reload configuration' }).click();
    await dashboard.notice('good', 'The configuration was read again').waitFor();
    await dashboard.page.getByRole('button', { name: 'Backup now' }).click();
    const notice = dashboard.notice('good', 'The backup was written');
    await notice.waitFor();
    expect(await notice.textContent()).toContain('/backups/');
  });

  it('ends a session after asking, with the reason given', async () => {
    const dashboard = await openLive();
    await expect.poll(() => dashboard.rows().count(), WAIT).toBe(3);
    const [number = 0] = await dashboard.numbers();
    const kick = dashboard.page.getByRole('button', { name: `Kick session ${number}` });
    await kick.click();
    const dialog = dashboard.page.getByRole('dialog');
    expect(await dialog.textContent()).toContain(`End session ${number}`);
    await dashboard.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await dashboard.row(number).count()).toBe(1);
    expect(await kick.evaluate((element) => element === document.activeElement)).toBe(true);

    await kick.click();
    await dialog.getByLabel('Reason').fill('The lesson is over.');
    await dialog.getByRole('button', { name: 'Kick' }).click();
    await dashboard.notice('good', `Session ${number} was ended.`).waitFor();
    await dashboard.row(number).waitFor({ state: 'detached' });
    expect(dashboard.complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('fits on a narrow display, %s', async (colorScheme) => {
    const dashboard = await openLive({ viewport: { width: 360, height: 740 }, colorScheme });
    await expect.poll(() => dashboard.rows().count(), WAIT).toBeGreaterThan(0);
    await expect.poll(() => dashboard.points('cpu'), WAIT).toBeGreaterThan(0);
    expect(await dashboard.visit.overflows()).toBe(false);
    const [number = 0] = await dashboard.numbers();
    await dashboard.page.getByRole('button', { name: `Kick session ${number}` }).click();
    expect(await dashboard.visit.overflows()).toBe(false);
    await dashboard.page.keyboard.press('Escape');
  });

  it('can be used with the keyboard alone', async () => {
    const dashboard = await open();
    const { page } = dashboard;
    await page.keyboard.press('Tab');
    await page.keyboard.type(operated.token);
    await page.keyboard.press('Enter');
    await dashboard.live();
    await expect.poll(() => dashboard.rows().count(), WAIT).toBeGreaterThan(0);
    const names = new Set<string>();
    // Every control can be reached; the order is that of the page.
    for (let i = 0; i < 60; ++i) {
      await page.keyboard.press('Tab');
      names.add(
        await page.evaluate(() => {
          const element = document.activeElement as HTMLElement;
          const label = element.id && document.querySelector(`label[for="${element.id}"]`);
          return (
            element.getAttribute('aria-label') ??
            (label || element).textContent ??
            ''
          ).trim();
        }),
      );
    }
    const [number = 0] = await dashboard.numbers();
    for (const name of [
      'Sign out',
      `Profile of session ${number}`,
      `Frame skip of session ${number}`,
      `Kick session ${number}`,
      'Profile',
      'Apply: Frame skip',
      'Workers',
      'Reload configuration',
      'Backup now',
      'Drain\u2026',
      'Log level of all',
    ]) {
      expect(names).toContain(name);
    }
  });
});

describe('a server that goes and comes', () => {
  beforeAll(async () => {
    operated = await Operated.start();
  });

  afterAll(() => operated?.end());

  it('says that nobody is connected and nothing was measured', async () => {
    const dashboard = await openLive();
    await dashboard.page.getByText('Nobody is connected.').waitFor();
    await dashboard.page.getByText('No frames in the last ten minutes.').first().waitFor();
    expect(await dashboard.tile('latency').locator('.tile-value').textContent()).toBe('\u2013');
    expect(dashboard.complaints).toEqual([]);
  });

  it('says that the server is away, and comes back by itself', async () => {
    const dashboard = await openLive();
    await operated.server.end('SIGKILL');
    await dashboard.visit.until('[data-link="away"]');
    await expect
      .poll(() => dashboard.page.locator('.banner').textContent(), WAIT)
      .toMatch(/has not answered for \d+ seconds?\. What stands here is old\./);
    expect(await dashboard.page.getByRole('button', { name: 'Drain' }).isDisabled()).toBe(true);
    await operated.server.begin();
    await dashboard.live();
    await dashboard.notice('good', 'The server answers again.').waitFor();
    expect(await dashboard.page.getByRole('button', { name: 'Drain' }).isDisabled()).toBe(false);
  });

  it('asks before it drains, and then drains', async () => {
    const dashboard = await openLive();
    const drain = dashboard.page.getByRole('button', { name: 'Drain\u2026' });
    const dialog = dashboard.page.getByRole('dialog');
    await drain.click();
    expect(await dialog.textContent()).toContain('Drain and stop the server?');
    // Enter in the question does nothing: Cancel has the focus.
    await dashboard.page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect((await fetch(`${operated.server.url}readyz`)).status).toBe(200);
    await drain.click();
    await dialog.getByRole('button', { name: 'Drain and stop' }).click();
    await dashboard.visit.until('[data-link="away"]');
    await expect(fetch(`${operated.server.url}readyz`)).rejects.toThrow();
    await operated.server.end('SIGKILL');
    await operated.server.begin();
    await dashboard.live();
  });

  it('asks for the token again when it was changed', async () => {
    const dashboard = await openLive();
    await operated.server.end('SIGKILL');
    rmSync(operated.tokenFile);
    await operated.server.begin();
    await dashboard.visit.until('[data-access="out"]');
    expect(await dashboard.page.locator('#token-problem').textContent()).toContain('admin.token');
    await (await dashboard.signIn(operated.token)).live();
  });
});

const screenshot = process.env.STORYSIGN_ADMIN_SCREENSHOT;

describe.skipIf(!screenshot)('the picture of the documents', () => {
  beforeAll(async () => {
    operated = await Operated.start('--server.max_connections_per_address=12');
    operated.load(12, 3);
  });

  afterAll(() => operated?.end());

  it('is taken with a class of twelve', async () => {
    const dashboard = await openLive({ viewport: { width: 1440, height: 900 } });
    await expect.poll(() => dashboard.rows().count(), WAIT).toBe(12);
    await expect.poll(() => dashboard.points('latency'), { timeout: 240_000 }).toBeGreaterThan(150);
    await dashboard.page.screenshot({ path: screenshot ?? '', fullPage: true });
  }, 300_000);
});
