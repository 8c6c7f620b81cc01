/**
 * Makes the JavaScript of TensorFlow Lite's WebAssembly build fit for the page: its policy forbids
 * to make code of text, and modules as well as classic workers have to find the factory.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';

const PACKAGE = path.resolve(import.meta.dirname, '../node_modules/@tensorflow/tfjs-tflite/wasm');
const FACTORY = 'tflite_web_api_ModuleFactory';

/** Where the files come to lie; src/home/assets.ts names them. */
export const ENGINE_FOLDER = path.resolve(import.meta.dirname, '../../build/home/engine');

const GLUES = ['tflite_web_api_cc_simd.js', 'tflite_web_api_cc_simd_threaded.js'] as const;
const AS_THEY_ARE = [
  'tflite_web_api_cc_simd.wasm',
  'tflite_web_api_cc_simd_threaded.wasm',
  'tflite_web_api_cc_simd_threaded.worker.js',
] as const;

/** Functions that write code as text and compile it: from where, up to where, and what does the same. */
const CLOSURES: readonly [from: string, upTo: string, instead: string][] = [
  [
    'function createNamedFunction(name,body){',
    'function extendError(',
    `function createNamedFunction(name, body) {
  return { [name]: function () { return body.apply(this, arguments); } }[name];
}
`,
  ],
  [
    'function craftInvokerFunction(humanName,argTypes,classType,cppInvokerFunc,cppTargetFunc){',
    'function heap32VectorToArray(',
    `function craftInvokerFunction(name, types, classType, invoker, target) {
  const [returned, self, ...taken] = types;
  const isMethod = self !== null && classType !== null;
  return createNamedFunction(name, function (...given) {
    if (given.length !== taken.length) {
      throwBindingError(name + ' takes ' + taken.length + ' arguments, not ' + given.length);
    }
    const destructors = [];
    const wired = isMethod ? [self.toWireType(destructors, this)] : [];
    taken.forEach((type, i) => wired.push(type.toWireType(destructors, given[i])));
    const result = invoker(target, ...wired);
    runDestructors(destructors);
    if (returned.name !== 'void') return returned.fromWireType(result);
  });
}
`,
  ],
  [
    'function craftEmvalAllocator(argCount){',
    'var emval_newers=',
    `function craftEmvalAllocator(count) {
  return (constructor, types, args) => {
    const values = [];
    for (const type of emval_lookupTypes(count, types)) {
      values.push(type.readValueFromPointer(args));
      args += type.argPackAdvance;
    }
    return Emval.toHandle(new constructor(...values));
  };
}
`,
  ],
  [
    'function __emval_get_method_caller(argCount,argTypes){',
    'function __emval_get_property(',
    `function __emval_get_method_caller(count, types) {
  const [returned, ...taken] = emval_lookupTypes(count, types);
  const signature = [returned, ...taken].map((type) => type.name).join(' ');
  return (emval_registeredMethods[signature] ??= emval_addMethodCaller(
    (object, name, destructors, args) => {
      const values = taken.map((type) => {
        const value = type.readValueFromPointer(args);
        args += type.argPackAdvance;
        return value;
      });
      const result = object[name](...values);
      taken.forEach((type, i) => type.deleteObject?.(values[i]));
      if (!returned.isVoid) return returned.toWireType(destructors, result);
    },
  ));
}
`,
  ],
];

/** Replaces what compiles text; throws if `glue` is not what is expected here. */
export function withoutCompiling(glue: string): string {
  let out = glue;
  for (const [from, upTo, instead] of CLOSURES) {
    const begin = out.indexOf(from);
    const end = out.indexOf(upTo, begin);
    if (begin < 0 || end < 0 || out.indexOf(from, begin + 1) >= 0) {
      throw new Error(`The engine's glue holds no single "${from}"; look at web/engine/glue.ts.`);
    }
    out = out.slice(0, begin) + instead + out.slice(end);
  }
  const left = /\bnew Function\b|\bnew_\(Function\b|[^.\w]eval\(/.exec(out);
  if (left) {
    throw new Error(
      `The engine's glue still compiles text: ${left[0]}; look at web/engine/glue.ts.`,
    );
  }
  return out;
}

/** As many threads are kept ready as are used, instead of eight. */
export function withPoolOf(glue: string): string {
  const [before, after, ...more] = glue.split('var pthreadPoolSize=8;');
  if (after === undefined || more.length > 0) {
    throw new Error(
      "The engine's glue keeps another number of threads; look at web/engine/glue.ts.",
    );
  }
  return `${before}var pthreadPoolSize=Module["pthreadPoolSize"];${after}`;
}

/** The factory can be found by whoever imports the file as a module. */
function withGlobal(glue: string): string {
  return `${glue}\nglobalThis.${FACTORY} = ${FACTORY};\n`;
}

/** Writes the engine's files to ENGINE_FOLDER before anything is built. */
export function engineGlue(): Plugin {
  return {
    name: 'storysign-engine',
    buildStart() {
      mkdirSync(ENGINE_FOLDER, { recursive: true });
      for (const name of GLUES) {
        const glue = withoutCompiling(readFileSync(path.join(PACKAGE, name), 'utf8'));
        const pooled = name.includes('threaded') ? withPoolOf(glue) : glue;
        writeFileSync(path.join(ENGINE_FOLDER, name), withGlobal(pooled));
      }
      for (const name of AS_THEY_ARE) {
        writeFileSync(path.join(ENGINE_FOLDER, name), readFileSync(path.join(PACKAGE, name)));
      }
    },
  };
}
