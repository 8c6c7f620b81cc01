/** The tracker, compiled from src/home (C++) to WebAssembly; src/home/exports.cpp is its other side. */

/** What runs networks for the program. */
export interface Networks {
  /** The number of the new network; throws if it cannot be made. */
  createNetwork(file: string, outputs: readonly string[]): number;
  /** False if it fails. */
  infer(id: number, input: Float32Array, outputs: Float32Array): boolean;
}

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  storysign_begin(): number;
  storysign_choose(profile: number): void;
  storysign_reset(): void;
  storysign_picture(width: number, height: number): number;
  storysign_track(
    number: number,
    captureTimeUs: number,
    latencyUs: number,
    dropped: number,
    spentUs: number,
  ): number;
  storysign_message(): number;
  storysign_message_size(): number;
  storysign_answer(): number;
  storysign_answer_size(): number;
  storysign_failure(): number;
}

export interface HomeFrame {
  number: number;
  captureTimeUs: number;
  latencyUs: number;
  dropped: number;
  /** What has gone into the frame already. */
  spentUs: number;
}

export interface Tracked {
  message: Uint8Array<ArrayBuffer>;
  answer: ArrayBuffer;
}

export class Program {
  private constructor(private readonly exports: Exports) {}

  /** `now` is in ms and monotonic. Throws if a network cannot be made. */
  static async create(
    code: Uint8Array<ArrayBuffer>,
    networks: Networks,
    now: () => number,
  ): Promise<Program> {
    let exports: Exports;
    const memory = () => exports.memory.buffer as ArrayBuffer;
    const floats = (address: number, count: number) => new Float32Array(memory(), address, count);
    /** Why the last network could not be made. */
    let refusal: unknown = null;
    const { instance } = await WebAssembly.instantiate(code, {
      storysign: {
        now,
        network_create(file: number, outputs: number): number {
          try {
            return networks.createNetwork(text(memory(), file), text(memory(), outputs).split(','));
          } catch (error) {
            refusal = error;
            return -1;
          }
        },
        network_infer(
          id: number,
          input: number,
          inputSize: number,
          outputs: number,
          outputSize: number,
        ): number {
          const done = networks.infer(id, floats(input, inputSize), floats(outputs, outputSize));
          return done ? 1 : 0;
        },
      },
      env: { emscripten_notify_memory_growth: () => undefined },
      wasi_snapshot_preview1: stdio(),
    });
    exports = instance.exports as unknown as Exports;
    exports._initialize();
    const program = new Program(exports);
    if (exports.storysign_begin() === 0) throw refusal ?? new Error(program.failure);
    return program;
  }

  /** Null: automatic. */
  choose(profile: number | null): void {
    this.exports.storysign_choose(profile ?? -1);
  }

  reset(): void {
    this.exports.storysign_reset();
  }

  /** Finds the landmarks of a picture of R, G, B, A. Throws with a sentence if it fails. */
  track(rgba: Uint8ClampedArray, width: number, height: number, frame: HomeFrame): Tracked {
    const { exports } = this;
    const address = exports.storysign_picture(width, height);
    new Uint8Array(exports.memory.buffer, address, rgba.length).set(rgba);
    const done = exports.storysign_track(
      frame.number,
      frame.captureTimeUs,
      frame.latencyUs,
      frame.dropped,
      frame.spentUs,
    );
    if (done === 0) throw new Error(this.failure);
    return {
      message: this.copy(exports.storysign_message(), exports.storysign_message_size()),
      answer: this.copy(exports.storysign_answer(), exports.storysign_answer_size()).buffer,
    };
  }

  private get failure(): string {
    return text(this.exports.memory.buffer as ArrayBuffer, this.exports.storysign_failure());
  }

  private copy(address: number, size: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.exports.memory.buffer as ArrayBuffer, address, size).slice();
  }
}

/** The text at an address, up to its 0. */
function text(memory: ArrayBuffer, address: number): string {
  const bytes = new Uint8Array(memory);
  return new TextDecoder().decode(bytes.subarray(address, bytes.indexOf(0, address)));
}

/** What the program's library would write: only its last words, before it ends itself. */
function stdio(): Record<string, (...args: number[]) => number> {
  return {
    proc_exit: (status) => {
      throw new Error(`The tracker ended itself with status ${status}.`);
    },
    fd_close: () => 0,
    fd_seek: () => 0,
    fd_write: () => 0,
  };
}
