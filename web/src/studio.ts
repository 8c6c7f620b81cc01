import { type CameraChoice, closeCamera, listCameras, openCamera } from './camera';
import { type CameraProblem, cameraProblemOf } from './camera_errors';
import { DEFAULT_GREETING } from './control';
import type { FromWorker, Link, LossReason, Stats, ToWorker } from './messages';
import { Painter } from './painter';
import { loadHomeMemory, saveHomeMemory } from './home_memory';
import { noStanding, offersServerPicture, type PlaceChoice, type Standing } from './place';
import type { PracticeLink } from './practice/link';
import type { PracticePush } from './practice/messages';
import { loadPreferences, savePreferences, type View } from './preferences';
import type { Mark } from './practice/marks';
import type { Ring } from './practice/marks_drawing';
import type { AnswerMode, Found, Landmarks } from './protocol';
import type { QualityAnswer, QualityChoice } from './quality';
import { FrameSource } from './source';
import { Store } from './store';
import { strings } from './strings';

export type Phase = 'idle' | 'asking' | 'connecting' | 'live' | 'waiting' | 'failed';

export interface StudioState {
  phase: Phase;
  /** In phase `failed`. */
  problem: CameraProblem | null;
  link: Link;
  /** Why the connection went; null once there is one again. */
  loss: LossReason | null;
  /** The server's own words about it, the first ones; empty if there are none. */
  lossWords: string;
  cameras: readonly CameraChoice[];
  cameraId: string;
  view: View;
  quality: QualityChoice;
  /** What the server says to it; null while it was not asked, or has not answered. */
  qualityAnswer: QualityAnswer | null;
  /** Where landmarks are found, as the learner wants it and as it is. */
  standing: Standing;
  found: Found;
  stats: Stats | null;
  /** Of the own video. */
  aspect: number;
}

export const NOTHING_FOUND: Found = { pose: false, leftHand: false, rightHand: false, face: false };

const storage = (): Storage => window.localStorage;
const modeOf = (view: View): AnswerMode => (view === 'server' ? 'picture' : 'landmarks');

/**
 * What the page does, without how it looks: camera, worker, drawing. There is one, for the life of
 * the page; the interface watches its store and calls its methods.
 */
export class Studio {
  readonly store: Store<StudioState>;
  /** Practice over the connection that carries the pictures. */
  readonly link: PracticeLink;
  private readonly practiceWatchers = new Set<(push: PracticePush) => void>();
  private readonly painter: Painter;
  private readonly worker: Worker;
  private readonly landmarkWatchers = new Set<(landmarks: Landmarks) => void>();
  private video: HTMLVideoElement | null = null;
  private stream: MediaStream | null = null;
  private source: FrameSource | null = null;
  private readsTracks = false;
  private capture = {
    size: { width: DEFAULT_GREETING.width, height: DEFAULT_GREETING.height },
    fps: DEFAULT_GREETING.fps,
  };
  /** What is shown as soon as it can be. */
  private wishedView: View;
  /** Counts starts and stops, so that a camera that opens late is noticed. */
  private turn = 0;

  constructor() {
    const { cameraId, view, quality, place } = loadPreferences(storage);
    const standing = noStanding(place, loadHomeMemory(storage));
    this.wishedView = view;
    this.store = new Store<StudioState>({
      phase: 'idle',
      problem: null,
      link: { state: 'closed' },
      loss: null,
      lossWords: '',
      cameras: [],
      cameraId,
      view,
      quality,
      qualityAnswer: null,
      standing,
      found: NOTHING_FOUND,
      stats: null,
      aspect: DEFAULT_GREETING.width / DEFAULT_GREETING.height,
    });
    this.link = this.makeLink();
    const reducedMotion = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.painter = new Painter({ left: strings.left, right: strings.right }, reducedMotion);
    this.painter.setView(view);
    this.worker = new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module' });
    this.worker.onmessage = (event: MessageEvent<FromWorker>) => this.onWorker(event.data);
    this.worker.onerror = () => this.fail('old_browser');
    this.fitView();
    document.addEventListener('visibilitychange', () => {
      this.tell({ type: 'visible', visible: !document.hidden });
    });
    window.addEventListener('online', () => this.tell({ type: 'online' }));
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.refreshCameras());
    void this.refreshCameras();
  }

  /** The elements of the stage; null when they are gone. */
  attach(video: HTMLVideoElement | null, canvas: HTMLCanvasElement | null): void {
    this.video = video;
    this.painter.attach(canvas);
    video?.addEventListener('resize', () => this.onVideoSize(video));
    if (video && this.stream) this.moveTo(video);
  }

  /** A camera that runs goes on in the stage of another view. */
  private moveTo(video: HTMLVideoElement): void {
    this.source?.stop();
    video.srcObject = this.stream;
    void video.play().catch(() => undefined);
    this.feedWorker();
  }

  async start(): Promise<void> {
    this.turn += 1;
    this.store.set({ phase: 'asking', problem: null, stats: null, found: NOTHING_FOUND });
    if (!(await this.useCamera({ wanted: this.store.value.cameraId }))) return;
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    this.tell({
      type: 'start',
      url: `${scheme}://${location.host}/ws/video`,
      mode: modeOf(this.store.value.view),
      quality: this.store.value.quality,
      place: this.store.value.standing.choice,
      measured: loadHomeMemory(storage).measured,
      visible: !document.hidden,
    });
    this.feedWorker();
  }

  stop(): void {
    this.shutDown();
    this.store.set({ phase: 'idle', problem: null, stats: null });
  }

  /** While running, changes over at once; else it counts from the next start. */
  async selectCamera(cameraId: string): Promise<void> {
    this.store.set({ cameraId });
    this.remember();
    if (this.stream === null) return;
    this.turn += 1;
    this.source?.stop();
    // First the old one: some devices cannot run two cameras at once.
    closeCamera(this.stream);
    this.painter.clear();
    if (await this.useCamera({ demanded: cameraId })) this.feedWorker();
  }

  /**
   * `lasting`: it is what the learner wants from now on. The picture of the server is shown only
   * while there is one.
   */
  setView(view: View, lasting = true): void {
    this.wishedView = view;
    if (lasting) savePreferences(storage, { view });
    this.fitView();
  }

  /** Where points are needed, which do not come with the picture of the server. */
  hideServerPicture(): void {
    if (this.wishedView === 'server') this.setView('video', false);
  }

  /** The view that the learner wants. */
  restoreView(): void {
    this.setView(loadPreferences(storage).view);
  }

  /** While connected, the server is asked at once; else when there is a connection again. */
  setQuality(quality: QualityChoice): void {
    if (quality === this.store.value.quality) return;
    this.store.set({ quality, qualityAnswer: null });
    this.remember();
    this.tell({ type: 'quality', quality });
  }

  /** While running, counts at once. */
  setPlace(choice: PlaceChoice): void {
    const { standing } = this.store.value;
    if (choice === standing.choice) return;
    savePreferences(storage, { place: choice });
    // Whoever starts meanwhile starts with it; what becomes of it the worker tells.
    if (this.stream !== null) this.store.set({ standing: { ...standing, choice } });
    else this.takeStanding(noStanding(choice, loadHomeMemory(storage)));
    this.tell({ type: 'place', place: choice });
  }

  /** Tries once more to find landmarks in this browser. */
  tryHomeAgain(): void {
    this.tell({ type: 'home_again' });
  }

  /** Calls with the landmarks of every answer, which are not to be changed; returns how to stop. */
  watchLandmarks(watcher: (landmarks: Landmarks) => void): () => void {
    this.landmarkWatchers.add(watcher);
    return () => this.landmarkWatchers.delete(watcher);
  }

  /** What is to be looked at on the own skeleton: numbers at parts, a ring about a hand. */
  showHints(marks: readonly Mark[], ring: Ring | null): void {
    this.painter.showHints(marks, ring);
  }

  private makeLink(): PracticeLink {
    const isLive = (): boolean => this.store.value.phase === 'live';
    return {
      get isLive() {
        return isLive();
      },
      send: (control) => {
        if (isLive()) this.tell({ type: 'practice', control });
        return isLive();
      },
      watch: (watcher) => {
        this.practiceWatchers.add(watcher);
        return () => this.practiceWatchers.delete(watcher);
      },
    };
  }

  /** Opens a camera and shows it; false if that failed or is no longer wanted. */
  private async useCamera(which: { wanted?: string; demanded?: string }): Promise<boolean> {
    const turn = this.turn;
    let stream: MediaStream;
    try {
      stream = await openCamera({ ...which, capture: this.capture });
    } catch (error) {
      if (turn === this.turn) this.fail(cameraProblemOf(error, window.isSecureContext));
      return false;
    }
    const track = stream.getVideoTracks()[0];
    if (turn !== this.turn || !track || !this.video) {
      closeCamera(stream);
      return false;
    }
    this.stream = stream;
    // Only an end that we did not bring about: stop() does not fire this event.
    track.addEventListener('ended', () => {
      if (this.stream === stream) this.fail('ended');
    });
    this.video.srcObject = stream;
    await this.video.play().catch(() => undefined);
    if (turn !== this.turn) return false;
    this.store.set({ cameraId: track.getSettings().deviceId ?? '' });
    this.remember();
    void this.refreshCameras();
    return true;
  }

  private feedWorker(): void {
    const track = this.stream?.getVideoTracks()[0];
    if (!track || !this.video) return;
    this.source = new FrameSource(track, this.video, {
      readsTracks: this.readsTracks,
      send: (message, transfer) => this.tell(message, transfer),
    });
  }

  private fail(problem: CameraProblem): void {
    this.shutDown();
    this.store.set({ phase: 'failed', problem, stats: null });
    void this.refreshCameras();
  }

  private shutDown(): void {
    this.turn += 1;
    this.source?.stop();
    this.source = null;
    closeCamera(this.stream);
    this.stream = null;
    if (this.video) this.video.srcObject = null;
    this.tell({ type: 'stop' });
    this.painter.clear();
    this.store.set({ found: NOTHING_FOUND, loss: null, lossWords: '', qualityAnswer: null });
    this.takeStanding(noStanding(this.store.value.standing.choice, loadHomeMemory(storage)));
  }

  private onWorker(message: FromWorker): void {
    // What was on its way when the learner pressed Stop.
    const running = this.stream !== null;
    switch (message.type) {
      case 'ready':
        this.readsTracks = message.readsTracks;
        break;
      case 'bitmap_taken':
        this.source?.bitmapTaken();
        break;
      case 'link':
        this.onLink(message.link, running);
        break;
      case 'capture':
        this.adjustCapture(message);
        break;
      case 'landmarks':
        if (running) this.onLandmarks(message);
        break;
      case 'picture':
        if (running && this.store.value.view === 'server') this.painter.showPicture(message.bitmap);
        else message.bitmap.close();
        if (running) this.showFound(message.found);
        break;
      case 'stats':
        if (running) this.store.set({ stats: message.stats });
        break;
      case 'practice':
        if (!running) break;
        for (const watcher of [...this.practiceWatchers]) watcher(message.push);
        break;
      case 'standing':
        if (running) this.takeStanding(message.standing);
        break;
      case 'quality':
        if (running) this.store.set({ qualityAnswer: message.answer });
        break;
    }
  }

  /** Shows the view that is wished, or the nearest one that there is. */
  private fitView(): void {
    const wished = this.wishedView;
    const hasPicture = offersServerPicture(this.store.value.standing);
    const view = wished === 'server' && !hasPicture ? 'video' : wished;
    if (view === this.store.value.view) return;
    this.store.set({ view });
    this.painter.clear();
    this.painter.setView(view);
    this.tell({ type: 'mode', mode: modeOf(view) });
  }

  private takeStanding(standing: Standing): void {
    const before = this.store.value.standing;
    this.store.set({ standing });
    const { measured, pictures } = standing;
    const memory = loadHomeMemory(storage);
    saveHomeMemory(storage, {
      measured: measured ?? memory.measured,
      pictures: pictures === 'unknown' ? memory.pictures : pictures,
    });
    if (standing.place !== before.place) {
      // Lines of the other place would stay as if they were live.
      this.painter.clear();
      this.showFound(NOTHING_FOUND);
    }
    this.fitView();
  }

  private onLandmarks(message: Extract<FromWorker, { type: 'landmarks' }>): void {
    const { landmarks, found, takenAt } = message;
    const drawn = takenAt === null ? null : () => this.tell({ type: 'drawn', takenAt });
    this.painter.showLandmarks(landmarks, drawn);
    this.showFound(found);
    for (const watcher of [...this.landmarkWatchers]) watcher(landmarks);
  }

  private onLink(link: Link, running: boolean): void {
    this.store.set({ link });
    if (!running || link.state === 'closed') return;
    this.store.set({ phase: link.state });
    if (link.state === 'waiting' && link.reason !== this.store.value.loss) {
      this.store.set({ loss: link.reason, lossWords: link.words });
    }
    if (link.state === 'live') this.store.set({ loss: null, lossWords: '' });
    if (link.state !== 'live') {
      this.store.set({ qualityAnswer: null });
      // Lines of a connection that is gone would stay as if they were live.
      this.painter.clear();
      this.showFound(NOTHING_FOUND);
    }
  }

  private adjustCapture({ size, fps }: Extract<FromWorker, { type: 'capture' }>): void {
    const { size: before, fps: fpsBefore } = this.capture;
    if (size.width === before.width && size.height === before.height && fps === fpsBefore) return;
    this.capture = { size, fps };
    const constraints = { width: size.width, height: size.height, frameRate: fps };
    // A camera that cannot do it goes on as it is; the worker scales the pictures down.
    const track = this.stream?.getVideoTracks()[0];
    track?.applyConstraints(constraints).catch(() => undefined);
  }

  private showFound(found: Found): void {
    const shown = this.store.value.found;
    const same = (Object.keys(found) as (keyof Found)[]).every(
      (part) => found[part] === shown[part],
    );
    if (!same) this.store.set({ found });
  }

  private onVideoSize(video: HTMLVideoElement): void {
    const { videoWidth: width, videoHeight: height } = video;
    if (width === 0 || height === 0) return;
    this.painter.setVideoSize({ width, height });
    this.store.set({ aspect: width / height });
  }

  private async refreshCameras(): Promise<void> {
    this.store.set({ cameras: await listCameras() });
  }

  private remember(): void {
    const { cameraId, quality } = this.store.value;
    savePreferences(storage, { cameraId, quality });
  }

  private tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }
}
