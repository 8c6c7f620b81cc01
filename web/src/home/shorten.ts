/**
 * Takes out of a model file what nobody asked for. TensorFlow Lite computes all outputs of a model; of the body's network
 * nearly half the work is a mask that the tracker does not use.
 *
 * A model file is a FlatBuffer: tables whose fields are found by the table's list of places, and vectors that begin with their
 * length. Vectors are shortened where they lie; nothing moves. Numbers of fields are those of TensorFlow Lite's schema.fbs.
 */

const MODEL_SUBGRAPHS = 2;
const SUBGRAPH = { tensors: 0, outputs: 2, operators: 3 } as const;
const OPERATOR = { inputs: 1, outputs: 2 } as const;
const TENSOR_NAME = 3;

interface Vector {
  /** Of the first element. */
  at: number;
  length: number;
}

class Buffer {
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where what is named at `at` begins. */
  follow(at: number): number {
    return at + this.view.getUint32(at, true);
  }

  /** A vector in a field of a table; empty if the table does not have it. */
  vector(table: number, field: number): Vector {
    const places = table - this.view.getInt32(table, true);
    const slot = 4 + 2 * field;
    const offset =
      slot < this.view.getUint16(places, true) ? this.view.getUint16(places + slot, true) : 0;
    if (offset === 0) return { at: 0, length: 0 };
    const begin = this.follow(table + offset);
    return { at: begin + 4, length: this.view.getUint32(begin, true) };
  }

  numbers({ at, length }: Vector): number[] {
    return Array.from({ length }, (_, i) => this.view.getInt32(at + 4 * i, true));
  }

  tables({ at, length }: Vector): number[] {
    return Array.from({ length }, (_, i) => this.follow(at + 4 * i));
  }

  text({ at, length }: Vector): string {
    const bytes = Array.from({ length }, (_, i) => this.view.getUint8(at + i));
    return String.fromCharCode(...bytes);
  }

  /** Writes a shorter list in a vector's place. */
  replaceNumbers(vector: Vector, values: readonly number[]): void {
    values.forEach((value, i) => this.view.setInt32(vector.at + 4 * i, value, true));
    this.view.setUint32(vector.at - 4, values.length, true);
  }

  /** The same for tables, which are named by how far they are from where they are named. */
  replaceTables(vector: Vector, tables: readonly number[]): void {
    tables.forEach((table, i) => {
      const at = vector.at + 4 * i;
      this.view.setUint32(at, table - at, true);
    });
    this.view.setUint32(vector.at - 4, tables.length, true);
  }
}

/**
 * Changes `model` so that it computes only the outputs of these names, in their own order. Returns how many operators are left
 * of how many. Throws if an output is not the model's.
 */
export function keepOutputs(
  model: Uint8Array,
  names: readonly string[],
): { left: number; before: number } {
  const file = new Buffer(model);
  const [graph, ...more] = file.tables(file.vector(file.follow(0), MODEL_SUBGRAPHS));
  if (graph === undefined || more.length > 0) throw new Error('The model is not one graph.');
  const tensors = file.tables(file.vector(graph, SUBGRAPH.tensors));
  const outputs = file.vector(graph, SUBGRAPH.outputs);
  const nameOf = (tensor: number): string =>
    file.text(file.vector(tensors[tensor] ?? 0, TENSOR_NAME));
  const kept = file.numbers(outputs).filter((tensor) => names.includes(nameOf(tensor)));
  if (kept.length !== names.length)
    throw new Error(`The model lacks an output of ${names.join()}.`);
  // Backwards: an operator is needed if something needed comes out of it.
  const list = file.vector(graph, SUBGRAPH.operators);
  const operators = file.tables(list);
  const needed = new Set(kept);
  const keep = [...operators]
    .reverse()
    .filter((operator) => {
      const made = file.numbers(file.vector(operator, OPERATOR.outputs));
      if (!made.some((tensor) => needed.has(tensor))) return false;
      for (const tensor of file.numbers(file.vector(operator, OPERATOR.inputs))) needed.add(tensor);
      return true;
    })
    .reverse();
  file.replaceNumbers(outputs, kept);
  file.replaceTables(list, keep);
  return { left: keep.length, before: operators.length };
}
