// Runs the functions of docs/how-to/mirth.md outside the engine: node mirth.js FILE-OF-SCRIPTS, expression on standard input.
const { readFileSync } = require("node:fs");
const { execFileSync } = require("node:child_process");
const vm = require("node:vm");

// A message as the engine's non-strict parser shows it to scripts, as far as the page goes into it.
function list(nodes) {
  const own = {
    length: () => nodes.length,
    children: () => list(nodes.flatMap((node) => node.children ?? [])),
    localName: () => nodes[0].name,
    toString: () => nodes.map((node) => node.text ?? "").join(""),
  };
  return new Proxy(own, {
    get(_, key) {
      if (key === Symbol.toPrimitive) return () => own.toString();
      if (key in own) return own[key];
      if (/^\d+$/.test(String(key))) return nodes[key] && list([nodes[key]]);
      return list(nodes.flatMap((node) => node.children ?? []).filter((node) => node.name === key));
    },
  });
}

function split(name, text, marks) {
  const parts = marks.length ? text.split(marks[0]) : [text];
  if (parts.length === 1 && marks.length < 2) return { name, text };
  return { name, children: parts.map((one, at) => split(`${name}.${at + 1}`, one, marks.slice(1))) };
}

function message(text) {
  const segments = text.split("\r").filter(Boolean).map((line) => {
    const [name, ...fields] = line.split("|");
    if (name === "MSH") fields.unshift("|");
    const children = fields.flatMap((field, at) =>
      (name === "MSH" && at < 2 ? [field] : field.split("~")).filter(Boolean).map((one) => split(`${name}.${at + 1}`, one, "^&")));
    return { name, children };
  });
  return list([{ name: "HL7Message", children: segments }]);
}

function send(method, url, headers, body) {
  const given = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const command = ["-s", "-X", method, "--data-binary", "@-", "-w", "\n%{http_code}", ...given, url];
  const lines = execFileSync("curl", command, { input: body, encoding: "utf8" }).split("\n");
  return { status: Number(lines.pop()), text: lines.join("\n") };
}

const scope = vm.createContext({});
vm.runInContext(readFileSync(process.argv[2], "utf8"), scope);
Object.assign(scope, { message, send, offset: () => "+01:00" });
process.stdout.write(JSON.stringify(vm.runInContext(readFileSync(0, "utf8"), scope)));
