// Perfetto's trace_processor, offline: node trace_processor.js DIST TRACE < QUERIES
//
// DIST is the folder with engine_bundle.js and trace_processor.wasm, as Perfetto's UI has them. The
// bundle is the UI's worker: it is given a port, and answers requests of protos/perfetto/
// trace_processor/trace_processor.proto. QUERIES is JSON: a list of SQL texts. The answer is JSON
// too: for each query a list of rows, each a list of cells; numbers beyond 2^53 are strings.
'use strict';

const fs = require('fs');
const path = require('path');
const vm = require('vm');

// ---- Protocol buffers: as much as is needed.

function varint(number) {
  let rest = BigInt.asUintN(64, BigInt(number));
  const bytes = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const number = (field, value) => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field, value) =>
  Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);

function* varints(buffer) {
  for (let at = 0; at < buffer.length; ) {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    yield value;
  }
}

// The fields of a message: number to list of values; null if it is cut off.
function parse(buffer) {
  const found = new Map();
  let at = 0;
  const next = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (at >= buffer.length) throw new RangeError('cut off');
      const byte = buffer[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < buffer.length) {
    const tag = Number(next());
    let value;
    switch (tag & 7) {
      case 0: value = next(); break;
      case 1: value = buffer.subarray(at, (at += 8)); break;
      case 5: value = buffer.subarray(at, (at += 4)); break;
      case 2: {
        const length = Number(next());
        if (at + length > buffer.length) throw new RangeError('cut off');
        value = buffer.subarray(at, (at += length));
        break;
      }
      default: throw new Error(`wire type ${tag & 7}`);
    }
    if (!found.has(tag >> 3)) found.set(tag >> 3, []);
    found.get(tag >> 3).push(value);
  }
  return found;
}

const all = (message, field) => message.get(field) || [];
const packed = (values) => values.flatMap((v) => (Buffer.isBuffer(v) ? [...varints(v)] : [v]));

// ---- The worker.

const METHOD = { append: 1, end: 2, query: 3 };

class Engine {
  constructor(dist) {
    this.sequence = 0;
    this.rest = Buffer.alloc(0);
    this.replies = [];
    this.dist = dist;
  }

  async start() {
    const dist = this.dist;
    // It fetches its module with a synchronous request, as workers can.
    class Request {
      open(_method, url) { this.url = url; }
      send() {
        const file = fs.readFileSync(path.join(dist, path.basename(this.url)));
        this.response = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
        this.status = 200;
      }
    }
    const quiet = { log() {}, warn() {}, error() {}, info() {}, debug() {} };
    const worker = { location: { href: 'http://localhost/engine_bundle.js' } };
    const text = fs.readFileSync(path.join(dist, 'engine_bundle.js'), 'utf8');
    const source = text.replace('new e.WasmBridge', 'self.bridge=$&');
    if (source === text) throw new Error(`${dist}/engine_bundle.js is not the one that is known`);
    const names = ['self', 'process', 'WorkerGlobalScope', 'XMLHttpRequest', 'console'];
    const run = vm.runInThisContext(`(function (${names}) {${source}\n})`);
    run(worker, undefined, function () {}, Request, quiet);
    const port = { postMessage: (data) => this.receive(Buffer.from(data)) };
    worker.onmessage({ data: port });
    this.port = port;
    // The module is compiled beside; it is ready when it has told where requests go.
    for (let turn = 0; !worker.bridge.reqBufferAddr; turn++) {
      if (turn > 60000) throw new Error('the module does not start');
      await new Promise((done) => setTimeout(done, 1));
    }
  }

  // Answers come as fields 1 of one endless message.
  receive(data) {
    this.rest = Buffer.concat([this.rest, data]);
    let found;
    try {
      found = parse(this.rest);
    } catch (error) {
      if (error instanceof RangeError) return;
      throw error;
    }
    this.rest = Buffer.alloc(0);
    this.replies.push(...all(found, 1));
  }

  call(method, rest) {
    this.replies = [];
    this.answers = [];
    this.sequence += 1;
    const request = Buffer.concat([number(1, this.sequence), number(2, method), rest]);
    this.port.onmessage({ data: new Uint8Array(bytes(1, request)) });
    this.answers = this.replies.map(parse);
    for (const answer of this.answers) {
      for (const text of all(answer, 5)) throw new Error(text.toString());
    }
    return this.answers;
  }

  load(file) {
    const input = fs.openSync(file, 'r');
    const chunk = Buffer.alloc(4 << 20);
    for (let read; (read = fs.readSync(input, chunk)) > 0; ) {
      for (const answer of this.call(METHOD.append, bytes(101, chunk.subarray(0, read)))) {
        for (const result of all(answer, 201)) {
          for (const text of all(parse(result), 2)) throw new Error(text.toString());
        }
      }
    }
    fs.closeSync(input);
    this.call(METHOD.end, Buffer.alloc(0));
  }

  query(sql) {
    let columns = 0;
    const cells = [];
    for (const answer of this.call(METHOD.query, bytes(103, bytes(1, Buffer.from(sql))))) {
      for (const part of all(answer, 203)) {
        const result = parse(part);
        for (const text of all(result, 2)) throw new Error(`${sql}: ${text}`);
        columns += all(result, 1).length;
        for (const batch of all(result, 3)) cells.push(...this.batch(parse(batch)));
      }
    }
    const rows = [];
    for (let at = 0; columns > 0 && at < cells.length; at += columns) {
      rows.push(cells.slice(at, at + columns));
    }
    return rows;
  }

  // Cells by kind: 1 null, 2 integer, 3 float, 4 text, 5 bytes; the values of each kind in a row.
  batch(batch) {
    const integers = packed(all(batch, 2));
    const floats = all(batch, 3).flatMap((run) =>
      Array.from({ length: run.length / 8 }, (_, at) => run.readDoubleLE(at * 8)));
    const texts = all(batch, 5).flatMap((run) => run.toString().split('\0'));
    return packed(all(batch, 1)).map((kind) => {
      switch (Number(kind)) {
        case 2: {
          const value = BigInt.asIntN(64, integers.shift());
          const plain = Number(value);
          return Number.isSafeInteger(plain) ? plain : value.toString();
        }
        case 3: return floats.shift();
        case 4: return texts.shift();
        default: return null;
      }
    });
  }
}

async function main() {
  const [dist, trace] = process.argv.slice(2);
  const queries = JSON.parse(fs.readFileSync(0, 'utf8'));
  const engine = new Engine(dist);
  await engine.start();
  engine.load(trace);
  const answers = JSON.stringify(queries.map((sql) => engine.query(sql)));
  // A pipe takes what it has room for: the end must wait for the rest.
  await new Promise((done) => process.stdout.write(`${answers}\n`, done));
}

main().then(() => process.exit(0), (error) => {
  process.stderr.write(`${error.stack || error}\n`);
  process.exit(1);
});
