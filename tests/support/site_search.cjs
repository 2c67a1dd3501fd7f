// Runs the search of the built site in Node: its own worker, its own index.
// node site_search.cjs SITE < ["query", …]  prints [[["title", "location"], …], …], the best first.
const fs = require("fs");
const path = require("path");

const site = path.resolve(process.argv[2]);
const workers = path.join(site, "assets/javascripts/workers");
const worker = fs.readdirSync(workers).find((name) => /^search\..*\.min\.js$/.test(name));
const queries = JSON.parse(fs.readFileSync(0, "utf-8"));
const waiting = [];
let receive;

globalThis.self = globalThis;
globalThis.location = { href: `file://${site}/` };
globalThis.importScripts = () => {};
globalThis.addEventListener = (_, listener) => { receive = listener; };
globalThis.postMessage = (message) => waiting.shift()(message);
const ask = (data) => new Promise((done) => { waiting.push(done); receive({ data }); });

(async () => {
  eval(fs.readFileSync(path.join(workers, worker), "utf-8"));
  const index = JSON.parse(fs.readFileSync(path.join(site, "search/search_index.json"), "utf-8"));
  await ask({ type: 0, data: { ...index, options: { suggest: true } } });
  const found = [];
  for (const query of queries) {
    const { data } = await ask({ type: 2, data: query });
    found.push(data.items.slice(0, 8).map((group) => [group[0].title, group[0].location, group.map((x) => x.location).slice(0,3)]));
  }
  fs.writeSync(1, JSON.stringify(found));
})();
