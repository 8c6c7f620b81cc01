/** Addresses of what the tracker is made of. */

export interface EngineUrls {
  /** JavaScript. */
  glue: string;
  /** WebAssembly. */
  code: string;
  /** JavaScript of each thread; null: it has none. */
  thread: string | null;
}

export interface HomeUrls {
  program: string;
  engine: EngineUrls;
  threadedEngine: EngineUrls;
  /** By the names that the program asks for; those of home_options() in src/home. */
  models: Readonly<Record<string, string>>;
}
