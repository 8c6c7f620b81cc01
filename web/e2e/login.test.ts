import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Camera, CLIP, launch, makeCamera, Visit } from './browser';
import { StorySign } from './server';

const PASSWORD = 'correct horse';

/** Makes an account as the operator does, with the password on standard input. */
function addAccount(folder: string, name: string, role: string): void {
  const program = path.resolve(process.env.STORYSIGN_BIN ?? '');
  const given = ['account', 'add', name, '--role', role, `--store.directory=${folder}`];
  execFileSync(program, given, { input: `${PASSWORD}\n` });
}

async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

describe.skipIf(!existsSync(CLIP))('a server with accounts', () => {
  let folder: string;
  let server: StorySign;
  let camera: Camera;
  let browser: Browser;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'storysign-accounts-'));
    addAccount(folder, 'ada', 'learner');
    addAccount(folder, 'tess', 'teacher');
    server = await StorySign.start('--auth.mode=accounts', `--store.directory=${folder}`);
    camera = makeCamera();
    browser = await launch({ camera: camera.file, allowed: true });
  });

  afterAll(async () => {
    await browser?.close();
    camera?.remove();
    await server?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('asks who one is, is live then, and forgets it again', async () => {
    const visit = await Visit.open(browser, server.url);
    const { page } = visit;
    await visit.until('[data-state="signed_out"]');
    expect(await page.locator('.stage').count()).toBe(0);

    await signIn(page, 'ada', 'wrong horse');
    await visit.until('[data-login-problem="wrong"]');
    expect(await page.getByRole('alert').textContent()).toContain('wrong');

    await signIn(page, 'ada', PASSWORD);
    await visit.until('[data-state="idle"]');
    expect(await page.locator('.account-name').textContent()).toBe('Signed in as ada');
    expect(await page.evaluate(() => document.cookie)).toBe('');
    const [cookie] = await visit.context.cookies();
    expect(cookie).toMatchObject({
      name: 'storysign_session',
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
    });

    await visit.button.click();
    await visit.until('[data-state="live"]');
    await visit.moreAnswers(5);

    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByLabel('Old password').fill(PASSWORD);
    await page.getByLabel('New password', { exact: true }).fill('battery staple');
    await page.getByRole('button', { name: 'Save the new password' }).click();
    await page.getByText('You have a new password.').waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await visit.until('[data-state="signed_out"]');
    await page.reload();
    await visit.until('[data-state="signed_out"]');
    await signIn(page, 'ada', 'battery staple');
    await visit.until('[data-state="idle"]');

    // The browser itself writes down that the wrong password was refused; nothing else went wrong.
    expect(visit.complaints.filter((text) => !text.includes('401'))).toEqual([]);
    expect(visit.strangers).toEqual([]);
    await visit.close();
  });

  it('asks before signing out loses what is not saved', async () => {
    const visit = await Visit.open(browser, `${server.url}#/teach`);
    const { page } = visit;
    await visit.until('[data-state="signed_out"]');
    await signIn(page, 'tess', PASSWORD);
    await page.getByRole('button', { name: 'Lessons', exact: true }).click();
    await page.getByRole('button', { name: 'New lesson' }).click();
    await page.getByLabel('Title').fill('Family');

    const signOut = page.getByRole('button', { name: 'Sign out' });
    const questions: string[] = [];
    page.once('dialog', (dialog) => {
      questions.push(dialog.message());
      void dialog.dismiss();
    });
    await signOut.click();
    expect(questions).toEqual(['The lesson has changes that are not saved.']);
    expect(await page.getByLabel('Title').inputValue()).toBe('Family');

    // Whoever leaves a shared computer has to know that the server did not hear of it.
    await page.route('**/api/auth/logout', (route) => route.abort());
    page.once('dialog', (dialog) => void dialog.accept());
    await signOut.click();
    await page.locator('.account').getByText('The server does not answer.').waitFor();
    await page.unroute('**/api/auth/logout');

    page.once('dialog', (dialog) => void dialog.accept());
    await signOut.click();
    await visit.until('[data-state="signed_out"]');
    await visit.close();
  });
});
