/** TensorFlow Lite in WebAssembly: makes networks and runs them, called synchronously by the program. */

import { keepOutputs } from './shorten';
import type { EngineUrls } from './urls';

interface Tensor {
  name: string;
  /** A view of the engine's memory; gone when that grows. */
  data(): Float32Array;
}

interface Tensors {
  size(): number;
  get(index: number): Tensor;
}

interface Runner {
  GetInputs(): Tensors;
  GetOutputs(): Tensors;
  Infer(): boolean;
}

interface RunnerResult {
  ok(): boolean;
  value(): Runner;
  errorMessage(): string;
}

interface EngineModule {
  HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  TFLiteWebModelRunner: {
    CreateFromBufferAndOptions(
      address: number,
      bytes: number,
      options: {
        numThreads: number;
        enableProfiling: boolean;
        maxProfilingBufferEntries: number;
      },
    ): RunnerResult;
  };
}

type Factory = (options: object) => Promise<EngineModule>;

interface Network {
  runner: Runner;
  input: Tensor;
  /** Those asked for, in order. */
  outputs: Tensor[];
}

/** Networks that gain from a second thread; the others are done before one has woken up. */
const LARGE = [
  'hand_landmark_full.tflite',
  'palm_detection_full.tflite',
  'pose_detection.tflite',
  'pose_landmark_lite.tflite',
];

export class Engine {
  private readonly networks: Network[] = [];

  private constructor(
    private readonly module: EngineModule,
    private readonly threads: number,
    private readonly models: ReadonlyMap<string, Uint8Array>,
  ) {}

  /** `code` is what lies at `urls.code`; `models` are the files by name. */
  static async create(
    urls: EngineUrls,
    code: Uint8Array<ArrayBuffer>,
    threads: number,
    models: ReadonlyMap<string, Uint8Array>,
  ): Promise<Engine> {
    await import(/* @vite-ignore */ urls.glue);
    const { tflite_web_api_ModuleFactory: factory } = globalThis as unknown as {
      tflite_web_api_ModuleFactory: Factory;
    };
    const module = await factory({
      wasmBinary: code,
      mainScriptUrlOrBlob: urls.glue,
      locateFile: (name: string) => (name.endsWith('.worker.js') ? urls.thread : urls.code),
      // Each network has threads of its own, and the caller is one of them.
      pthreadPoolSize: LARGE.length * (threads - 1),
    });
    return new Engine(module, threads, models);
  }

  /** The number of the new network. Throws if it cannot be made. */
  createNetwork(file: string, outputs: readonly string[]): number {
    const model = this.models.get(file);
    if (model === undefined) throw new Error(`There is no model ${file}.`);
    const { module } = this;
    // Stays for the life of the engine, which reads the weights from there.
    const address = module._malloc(model.length);
    module.HEAPU8.set(model, address);
    keepOutputs(module.HEAPU8.subarray(address, address + model.length), outputs);
    const made = module.TFLiteWebModelRunner.CreateFromBufferAndOptions(address, model.length, {
      numThreads: LARGE.includes(file) ? this.threads : 1,
      enableProfiling: false,
      maxProfilingBufferEntries: 1,
    });
    if (!made.ok()) throw new Error(`${file}: ${made.errorMessage()}`);
    const runner = made.value();
    const there = new Map(all(runner.GetOutputs()).map((tensor) => [tensor.name, tensor]));
    this.networks.push({
      runner,
      input: runner.GetInputs().get(0),
      outputs: outputs.map((name) => {
        const tensor = there.get(name);
        if (tensor === undefined) throw new Error(`${file} has no output ${name}.`);
        return tensor;
      }),
    });
    return this.networks.length - 1;
  }

  /** Fills `outputs` with one output after another. False if it fails or the sizes do not fit. */
  infer(id: number, input: Float32Array, outputs: Float32Array): boolean {
    const network = this.networks[id];
    if (network === undefined) return false;
    const into = network.input.data();
    if (into.length !== input.length) return false;
    into.set(input);
    if (!network.runner.Infer()) return false;
    let at = 0;
    for (const tensor of network.outputs) {
      const data = tensor.data();
      if (at + data.length > outputs.length) return false;
      outputs.set(data, at);
      at += data.length;
    }
    return at === outputs.length;
  }

  /** Runs every network once: the first time takes longer. False if one fails. */
  warm(): boolean {
    return this.networks.every(({ runner, input }) => {
      input.data().fill(0);
      return runner.Infer();
    });
  }
}

function all(tensors: Tensors): Tensor[] {
  return Array.from({ length: tensors.size() }, (_, i) => tensors.get(i));
}
