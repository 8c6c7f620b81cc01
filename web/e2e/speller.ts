import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CLIP } from './browser';

export const PHOTOS = path.resolve(path.dirname(CLIP), '../letters/photos');
/** One photo for each letter of the word. */
export const WORD = 'BOY';
const LETTERS = ['B14', 'O12', 'Y5'].map((name) => path.join(PHOTOS, `${name}.jpg`));
/** Longer than a letter is to be held, on a machine that may be slow. */
const LETTER_S = 3;

export const hasPhotos = LETTERS.every((photo) => existsSync(photo));

/** A camera before which the word is spelled again and again, with nothing between the letters. */
export function makeSpeller(folder: string): string {
  const file = path.join(folder, 'speller.mjpeg');
  const inputs = LETTERS.flatMap((photo) => [
    ...['-loop', '1', '-framerate', '15', '-t', String(LETTER_S), '-i', photo],
    ...['-f', 'lavfi', '-t', '0.5', '-i', 'color=gray:size=640x480:rate=15'],
  ]);
  const count = 2 * LETTERS.length;
  const shaped = Array.from({ length: count }, (_, n) =>
    n % 2 === 1
      ? `[${n}]setsar=1[v${n}]`
      : `[${n}]scale=480:480,pad=640:480:80:0,format=yuv420p,setsar=1[v${n}]`,
  );
  const joined = Array.from({ length: count }, (_, n) => `[v${n}]`).join('');
  execFileSync('ffmpeg', [
    ...['-nostdin', '-v', 'error', ...inputs],
    ...['-filter_complex', `${shaped.join(';')};${joined}concat=n=${count}`],
    ...['-q:v', '3', '-f', 'mjpeg', file],
  ]);
  return file;
}
