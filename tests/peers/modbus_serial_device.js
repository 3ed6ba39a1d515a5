// A Modbus server of npm's modbus-serial for tests.
//
//   node modbus_serial_device.js FOLDER tcp            listens on a free port: "ready PORT"
//   node modbus_serial_device.js FOLDER rtu DEVICE     unit 1 on a serial port: "ready DEVICE"
//
// FOLDER holds node_modules. Floats are written by Node's Buffer, words swapped by it too.
"use strict";
const path = require("path");
const net = require("net");
const [folder, kind, device] = process.argv.slice(2);
const { ServerTCP, ServerSerial } = require(path.join(folder, "node_modules", "modbus-serial"));

const words = Buffer.alloc(2 * 200);
for (let i = 0; i < 200; i++) words.writeUInt16BE(i, 2 * i);
const big = Buffer.alloc(4);
big.writeFloatBE(-12.375);
const swapped = Buffer.from(big).swap16();
words.set(big, 0); // ABCD
words.set(Buffer.from([big[2], big[3], big[0], big[1]]), 4); // CDAB
words.set(swapped, 8); // BADC
words.set(Buffer.from(big).swap32(), 12); // DCBA
words.writeInt32BE(-123456789, 16);
words.writeBigInt64BE(-1234567890123456n, 20);
words.writeDoubleBE(Math.PI, 28);
words.writeInt16BE(-237, 36);
words.writeUInt16BE(0x8004, 38);
const coils = Array.from({ length: 64 }, (_, i) => i % 3 === 0);

function at(number) {
  if (number >= 150 && number < 162) throw { modbusErrorCode: number - 150 };
  if (number >= 200) throw { modbusErrorCode: 2 };
  return 2 * number;
}

const vector = {
  getHoldingRegister: (number) => words.readUInt16BE(at(number)),
  getInputRegister: (number) =>
    number === 140
      ? new Promise((done) => setTimeout(() => done(140), 60)) // late, but not too late
      : at(number) / 2,
  getCoil: (number) => coils[number],
  getDiscreteInput: (number) => !coils[number],
  setRegister(number, value) {
    words.writeUInt16BE(value, at(number));
    console.log(`register ${number} ${value}`);
  },
  setCoil(number, value) {
    coils[number] = value;
    console.log(`coil ${number} ${value}`);
  },
};

if (kind === "rtu") {
  const options = { path: device, baudRate: 19200, unitID: 1, interval: 5 };
  const server = new ServerSerial(vector, options);
  server.on("error", (error) => console.log(`error ${error.message}`));
  server.on("initialized", () => console.log(`ready ${device}`));
} else {
  const free = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = free.address();
    free.close(() => {
      const server = new ServerTCP(vector, { host: "127.0.0.1", port, unitID: 1 });
      server.on("initialized", () => console.log(`ready ${port}`));
    });
  });
}
